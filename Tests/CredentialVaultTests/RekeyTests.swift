import TestSupport
import Testing

@testable import CredentialVault

/// A vault before and after its passphrase and recovery code were replaced, made once.
private struct RekeyedVault: Sendable {
    static let shared = Result { try RekeyedVault(in: PassphraseVault.copy()) }
    static let newPassphrase = "another made-up passphrase"

    let old: [UInt8]
    let new: [UInt8]
    /// What lies beside the vault afterwards.
    let names: [String]
    let oldKeyID: [UInt8]?
    let newKeyID: [UInt8]?

    /// - Parameter scratch: a machine with a vault of ``PassphraseVault``, which sees the change.
    init(in scratch: Scratch) throws {
        var vault = try scratch.open()
        try vault.update { try $0.addKey("second") }
        old = try scratch.read()
        oldKeyID = try scratch.keyID()
        try vault.rekey(
            passphrase: secret(Self.newPassphrase), cost: .cheapest, recoveryCode: code(otherCodeText))
        new = try scratch.read()
        newKeyID = try scratch.keyID()
        names = try scratch.names()
    }

    /// A machine that never saw the vault, with a file on it.
    static func copy(_ file: KeyPath<RekeyedVault, [UInt8]>) throws -> Scratch {
        let scratch = Scratch()
        try scratch.write(shared.get()[keyPath: file])
        return scratch
    }
}

extension Scratch {
    /// What names the vault key that this machine saw last.
    fileprivate func keyID() throws -> [UInt8]? {
        let vaultID = try SealedVault.read(location).header.vaultID
        return FreshnessStore(stateDirectory: location.stateDirectory, vaultID: vaultID).recall().memory?
            .keyID
    }
}

@Suite("Replacing the vault key")
struct RekeyTests {
    @Test("the new passphrase and the new recovery code open what the vault held")
    func new() throws {
        let scratch = try RekeyedVault.copy(\.new)
        let byPassphrase = try scratch.open(passphrase: RekeyedVault.newPassphrase)
        let byCode = try scratch.open(otherCodeText)
        #expect(byPassphrase.contents.names == ["prod", "second"])
        #expect(try byCode.contents.secretText(of: "prod") == "a made-up secret access key")
        let ancestors = byCode.contents.ancestors
        let (old, new) = try RekeyedVault.shared.map { ($0.old, $0.new) }.get()
        #expect(ancestors.first == Array(old[8160..<8192]) && ancestors.count == 3)
        #expect(new.littleEndian(at: 44, as: UInt32.self) == 1)
        #expect(new.littleEndian(at: 32, as: UInt64.self) == old.littleEndian(at: 32, as: UInt64.self) + 1)
    }

    @Test("the old passphrase and the old recovery code stay shut out")
    func old() throws {
        let scratch = try RekeyedVault.copy(\.new)
        #expect(reason { _ = try scratch.open(passphrase: PassphraseVault.passphrase) } == .wrongPassphrase)
        #expect(reason { _ = try scratch.open() } == .wrongRecoveryCode)
    }

    @Test("the vault key is a new one, and salts and nonces of all slots are fresh")
    func fresh() throws {
        let vault = try RekeyedVault.shared.get()
        #expect(try #require(vault.oldKeyID) != #require(vault.newKeyID))
        for slot in [range(ofSlot: 0), range(ofSlot: 1)] {
            let (old, new) = (Array(vault.old[slot]), Array(vault.new[slot]))
            #expect(
                old[4..<20] != new[4..<20] && old[28..<52] != new[28..<52] && old[52..<100] != new[52..<100])
        }
    }

    @Test("no copy of what was revoked stays beside the vault")
    func previous() throws {
        #expect(try RekeyedVault.shared.get().names == ["vault", "vault.lock"])
    }

    @Test("a copy of before is refused where the change was seen, and opens where it was not")
    func revoked() throws {
        let scratch = try PassphraseVault.copy()
        let elsewhere = Scratch()
        try elsewhere.write(RekeyedVault(in: scratch).old)
        #expect(try elsewhere.open().contents.names == ["prod", "second"])
        let path = elsewhere.location.path
        let here = VaultLocation(path: path, stateDirectory: scratch.location.stateDirectory)
        #expect(reason { _ = try SealedVault.read(here).unlock(recoveryCode: code()) } == .revoked)
    }

    @Test("a slot of before, spliced into the file of after, opens nothing")
    func spliced() throws {
        let old = try RekeyedVault.shared.get().old
        for target in [0, 1, 2] {
            for source in [0, 1] {
                let scratch = try RekeyedVault.copy(\.new)
                try scratch.patch {
                    $0.replaceSubrange(range(ofSlot: target), with: old[range(ofSlot: source)])
                }
                if source == 1 {
                    #expect(reason { _ = try scratch.open() } == .wrongRecoveryCode)
                } else if target == 0 {
                    let refused = reason { _ = try scratch.open(passphrase: PassphraseVault.passphrase) }
                    #expect(refused == .wrongPassphrase)
                }
            }
        }
    }

    @Test("nor does it together with the epoch or the whole preamble of before")
    func splicedWithEpoch() throws {
        let old = try RekeyedVault.shared.get().old
        for preamble in [44..<48, 0..<128, 0..<8192] {
            let scratch = try RekeyedVault.copy(\.new)
            try scratch.patch { bytes in
                bytes.replaceSubrange(range(ofSlot: 1), with: old[range(ofSlot: 1)])
                bytes.replaceSubrange(preamble, with: old[preamble])
            }
            #expect(isDamaged(reason { _ = try scratch.open() }), "\(preamble)")
        }
    }

    @Test("without a recovery code the vault has none afterwards")
    func withoutCode() throws {
        let scratch = Scratch()
        try scratch.seal()
        var vault = try scratch.open()
        try vault.rekey(passphrase: secret("any"), cost: .cheapest, recoveryCode: nil)
        #expect(vault.unlockMethods == .passphrase && vault.derivationCost == .cheapest)
        #expect(reason { _ = try scratch.open() } == .noSuchSlot)
        try vault.update { try $0.addKey("after") }
        #expect(try scratch.open(passphrase: "any").contents.names == ["after"])
    }

    @Test("one that is refused changes nothing, in memory or on disk")
    func refused() throws {
        let scratch = Scratch()
        try scratch.seal { $0.setSlot(3, .fresh(type: 5, cost: nil, time: 0)) }
        let before = try scratch.read()
        var vault = try scratch.open()
        let header = vault.header
        let foreign = reason {
            try vault.rekey(passphrase: secret("any"), cost: .cheapest, recoveryCode: nil)
        }
        #expect(foreign == .foreignSlots)
        #expect(vault.header == header)
        #expect(try scratch.read() == before)

        let other = Scratch()
        try other.seal()
        var second = try other.open()
        let (bytes, secondHeader) = (try other.read(), second.header)
        let tooShort = reason { try second.rekey(passphrase: secret(""), cost: .cheapest, recoveryCode: nil) }
        #expect(tooShort == .passphraseLength)
        #expect(second.header == secondHeader)
        #expect(try other.read() == bytes)
        try second.update { try $0.addKey("still") }
        #expect(try other.open().contents.names == ["still"])
    }

    @Test("a writer that opened the vault before it does not write with the old key")
    func meanwhile() throws {
        let scratch = Scratch()
        try scratch.seal(TestContent(records: [.accessKey(1)]))
        var one = try scratch.open()
        var other = try scratch.open()
        try one.rekey(passphrase: secret("any"), cost: .cheapest, recoveryCode: code())
        let after = try scratch.read()
        #expect(reason { try other.update { try $0.addKey("late") } } == .rekeyedMeanwhile)
        #expect(try scratch.read() == after)
        #expect(other.contents.names == ["key-1"])
    }
}
