import SecureMemory
import TestSupport
import Testing

@testable import CredentialVault

/// Numbers in a file or a message that leave no room to count on.
@Suite("Numbers at their end")
struct CounterTests {
    let scratch = Scratch()

    @Test("a vault that was saved as often as a number can say is read, and not saved again")
    func generation() throws {
        try scratch.seal { $0.generation = .max - 1 }
        var vault = try scratch.open()
        #expect(vault.generation == .max)
        let before = try scratch.read()
        #expect(reason { try vault.update { try $0.addKey("one") } } == .exhausted)
        #expect(reason { try vault.addRecoveryCode(code()) } != nil)
        #expect(
            reason { try vault.rekey(passphrase: secret("new"), cost: .cheapest, recoveryCode: nil) }
                == .exhausted)
        let keyed = try KeyedVault(
            scratch.location, vaultKey: vault.withVaultKey { try $0.copy(0..<$0.count) })
        #expect(
            reason { _ = try keyed.image(applying: VaultChanges(), acceptingRollback: false) } == .exhausted)
        let image = VaultImage(bytes: before, keyID: keyed.keyID, removesPrevious: false)
        #expect(
            isDamaged(
                reason { _ = try VaultWriter(scratch.location).publish(image, after: keyed.headerMAC) }))
        #expect(try scratch.read() == before && vault.contents.names.isEmpty)
    }

    @Test("a vault whose key was replaced as often as a number can say gets no new key")
    func epoch() throws {
        try scratch.seal { $0.epoch = .max }
        var vault = try scratch.open()
        try vault.update { try $0.addKey("one") }
        let before = try scratch.read()
        #expect(
            reason { try vault.rekey(passphrase: secret("new"), cost: .cheapest, recoveryCode: nil) }
                == .exhausted)
        #expect(try scratch.read() == before)
    }

    @Test(
        "a time that no vault can hold makes a message no entry and no role",
        arguments: [-1, Int64.min, 253_402_300_800, Int64.max])
    func times(time: Int64) {
        var entry = Entry(name: "a", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        entry.rotation = Rotation(phase: .intended, beganAt: 0, keysBefore: [])
        let places: [WritableKeyPath<Entry, Int64>] = [\.sealedAt, \.changedAt]
        let optional: [WritableKeyPath<Entry, Int64?>] = [
            \.createdAt, \.expiration, \.lastUsedAt, \.lastUsedAskedAt,
        ]
        for place in places {
            var wrong = entry
            wrong[keyPath: place] = time
            #expect(!isEntry(wrong.encoded()))
        }
        for place in optional {
            var wrong = entry
            wrong[keyPath: place] = time
            #expect(!isEntry(wrong.encoded()))
        }
        entry.rotation?.beganAt = time
        #expect(!isEntry(entry.encoded()))
        var role = Role(name: "r", roleARN: "arn:aws:iam::123456789012:role/Admin", source: "a")
        role.changedAt = time
        let bytes = role.encoded()
        #expect(Role(encoded: bytes.rawSpan) == nil)
    }

    private func isEntry(_ bytes: [UInt8]) -> Bool {
        Entry(encoded: bytes.rawSpan) != nil
    }
}
