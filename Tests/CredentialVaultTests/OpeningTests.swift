import SecureMemory
import TestSupport
import Testing

@testable import CredentialVault

@Suite("Creating and opening")
struct OpeningTests {
    let scratch = Scratch()

    @Test("a new vault is empty and current, and opens with its passphrase", arguments: [1, 1024])
    func create(passphraseCount: Int) throws {
        let passphrase = String(repeating: "p", count: passphraseCount)
        let made = try Vault.create(
            at: scratch.location, passphrase: secret(passphrase), cost: .cheapest)
        let opened = try scratch.open(passphrase: passphrase)
        #expect(made.generation == 1 && opened.generation == 1)
        #expect(made.contents.names.isEmpty && opened.contents.names.isEmpty)
        #expect(made.freshness == .current && opened.freshness == .current)
        #expect(made.vaultID == opened.vaultID && made.unlockMethods == .passphrase)
        #expect(made.derivationCost == .cheapest)
    }

    @Test("the passphrase and the recovery code open the same contents")
    func both() throws {
        let scratch = try PassphraseVault.copy()
        let byPassphrase = try scratch.open(passphrase: PassphraseVault.passphrase)
        let byCode = try scratch.open()
        #expect(byPassphrase.contents.entries == byCode.contents.entries)
        #expect(byPassphrase.contents.names == ["prod"])
        #expect(try byCode.contents.secretText(of: "prod") == "a made-up secret access key")
        #expect(try byPassphrase.contents.secretText(of: "prod") == "a made-up secret access key")
    }

    @Test(
        "a passphrase that differs at all is wrong",
        arguments: [PassphraseVault.passphrase + "\n", "Correct horse battery staple"])
    func wrongPassphrase(passphrase: String) throws {
        let scratch = try PassphraseVault.copy()
        #expect(reason { _ = try scratch.open(passphrase: passphrase) } == .wrongPassphrase)
    }

    @Test("a passphrase that none can have is refused without deriving anything", arguments: [0, 1025])
    func length(count: Int) throws {
        let scratch = try PassphraseVault.copy()
        let passphrase = String(repeating: "p", count: count)
        #expect(reason { _ = try scratch.open(passphrase: passphrase) } == .passphraseLength)
        let new = VaultLocation(path: scratch("new"), stateDirectory: scratch("state"))
        let refused = reason {
            _ = try Vault.create(at: new, passphrase: secret(passphrase), cost: .cheapest)
        }
        #expect(refused == .passphraseLength)
        #expect(scratch.permissions("new") == nil)
    }

    @Test("another recovery code is wrong")
    func wrongCode() throws {
        try scratch.seal()
        #expect(reason { _ = try scratch.open(otherCodeText) } == .wrongRecoveryCode)
    }

    @Test("a vault tells what opens it, and what does not is no slot")
    func noSlot() throws {
        try scratch.seal()
        let sealed = try SealedVault.read(scratch.location)
        let methods = sealed.unlockMethods
        #expect(methods == .recoveryCode)
        #expect(reason { _ = try scratch.open(passphrase: "any") } == .noSuchSlot)
        _ = try Vault.create(
            at: VaultLocation(path: scratch("other"), stateDirectory: scratch("state")),
            passphrase: secret("any"), cost: .cheapest)
        let other = VaultLocation(path: scratch("other"), stateDirectory: scratch("state"))
        let otherMethods = try SealedVault.read(other).unlockMethods
        #expect(otherMethods == .passphrase)
        let refused = reason { _ = try SealedVault.read(other).unlock(recoveryCode: code()) }
        #expect(refused == .noSuchSlot)
    }

    @Test("a recovery code is added once, and revokes nothing")
    func addCode() throws {
        try scratch.seal { $0.setSlot(1, .fresh(type: 3, cost: nil, time: 0)) }
        var vault = try scratch.open()
        #expect(vault.unlockMethods == [.recoveryCode, .unknown])
        let before = try scratch.read()
        #expect(reason { try vault.addRecoveryCode(code(otherCodeText)) } == .foreignSlots)
        #expect(try scratch.read() == before)

        let added = try Vault.create(
            at: VaultLocation(path: scratch("new/vault"), stateDirectory: scratch("state")),
            passphrase: secret("any"), cost: .cheapest)
        var vaultWithout = added
        let epoch = vaultWithout.header.epoch
        try vaultWithout.addRecoveryCode(code())
        let opened = try SealedVault.read(vaultWithout.location).unlock(recoveryCode: code())
        #expect(
            opened.header.epoch == epoch && opened.unlockMethods == [.passphrase, .recoveryCode]
                && opened.generation == 2)
        #expect(opened.header.slots[0].type == KeySlot.passphrase)
    }

    @Test("no vault is missing, and nothing that is there is overwritten")
    func missing() throws {
        #expect(reason { _ = try SealedVault.read(scratch.location) } == .missing)
        try scratch.write([1, 2, 3])
        let refused = reason {
            _ = try Vault.create(at: scratch.location, passphrase: secret("any"), cost: .cheapest)
        }
        #expect(refused == .exists)
        #expect(try scratch.read() == [1, 2, 3])
    }

    @Test("a state directory that cannot be written stops nobody from reading and writing")
    func noState() throws {
        try scratch.write([], to: "file")
        try scratch.seal(TestContent(records: [.accessKey(1)]))
        let location = VaultLocation(path: scratch("vault"), stateDirectory: scratch("file/state"))
        var vault = try SealedVault.read(location).unlock(recoveryCode: code())
        #expect(vault.freshness == .current)
        try vault.update { try $0.addKey("new") }
        #expect(vault.contents.names == ["key-1", "new"])
    }
}
