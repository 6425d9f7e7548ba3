import DurableFiles
import SecureMemory
import TestSupport
import Testing
import VaultCrypto

@testable import CredentialVault

/// A vault as the agent holds it, on files that other writers change.
struct KeyedVaultTests {
    private let scratch = Scratch()

    /// A vault of these entries, each with its name as the secret, and the same vault held by its key.
    private func make(_ names: [String]) throws -> KeyedVault {
        try scratch.seal()
        var vault = try scratch.open()
        try vault.update { contents in
            for name in names { try contents.addKey(name, secret: "secret of \(name)") }
        }
        return try keyed(vault)
    }

    private func keyed(_ vault: borrowing Vault) throws -> KeyedVault {
        try vault.withVaultKey { key in
            try KeyedVault(scratch.location, vaultKey: key.copy(0..<key.count))
        }
    }

    private func secretText(_ name: String, _ vault: inout KeyedVault) throws -> String {
        try vault.withSecrets(of: name) { _, key, _ in key.text() ?? "" }
    }

    @Test("each record of a large vault is found and decrypted alone", arguments: [1, 2, 3, 500])
    func finds(count: Int) throws {
        let names = (0..<count).map { "entry-\($0)" }
        var vault = try make(names)
        #expect(vault.entryCount == count)
        for name in names { #expect(try secretText(name, &vault) == "secret of \(name)") }
        #expect(try vault.entries().map(\.name) == names.sorted())
        #expect(reason { _ = try secretText("missing", &vault) } == .noSuchEntry("missing"))
    }

    @Test("a record as large as the format allows is decrypted")
    func large() throws {
        try scratch.seal()
        var vault = try scratch.open()
        try vault.update { contents in
            try contents.addKey("small")
            var entry = Entry(name: "large", accessKeyID: "ASIAIOSFODNN7EXAMPLE")
            entry.note = String(repeating: "n", count: 4096)
            entry.source = String(repeating: "s", count: 4096)
            entry.userName = String(repeating: "u", count: 4096)
            try contents.add(
                entry, secretAccessKey: secret(String(repeating: "k", count: 4096)),
                sessionToken: secret(String(repeating: "t", count: 6144)))
        }
        var keyed = try keyed(vault)
        let (note, token) = try keyed.withSecrets(of: "large") { entry, _, token in
            (entry.note, exposed(token)?.count)
        }
        #expect(note?.count == 4096 && token == 6144)
    }

    @Test("a key that is not the vault's opens nothing")
    func wrongKey() throws {
        try scratch.seal()
        #expect(
            isDamaged(
                reason { _ = try KeyedVault(scratch.location, vaultKey: Sodium.randomSecret(32)) }))
    }

    @Test("what another writer saved is there after a refresh")
    func otherWriter() throws {
        var vault = try make(["one"])
        var other = try scratch.open()
        try other.update { try $0.addKey("two", secret: "second") }
        #expect(reason { _ = try secretText("two", &vault) } == .noSuchEntry("two"))
        try vault.refresh()
        #expect(try secretText("two", &vault) == "second")
        #expect(vault.generation == other.generation && vault.freshness == .current)
    }

    @Test("a refresh of an unchanged file reads its header alone")
    func unchanged() throws {
        var vault = try make(["one"])
        // Whatever stands behind the header is not looked at, since the same header is the same vault.
        var bytes = try scratch.read()
        bytes[9000] ^= 1
        try scratch.write(bytes)
        try vault.refresh()
        #expect(try secretText("one", &vault) == "secret of one")
    }

    @Test("a changed file that is not whole is refused, and the vault stays as it was read")
    func damaged() throws {
        var vault = try make(["one"])
        var other = try scratch.open()
        try other.update { try $0.addKey("two") }
        var bytes = try scratch.read()
        bytes[9000] ^= 1
        try scratch.write(bytes)
        #expect(isDamaged(reason { try vault.refresh() }))
        #expect(try secretText("one", &vault) == "secret of one")
    }

    @Test("a new passphrase, an older epoch and another vault are told apart")
    func useless() throws {
        var vault = try make(["one"])
        let before = try scratch.read()
        var other = try scratch.open()
        try other.rekey(passphrase: secret("new"), cost: .cheapest, recoveryCode: code())
        #expect(reason { try vault.refresh() } == .rekeyedMeanwhile)
        var newer = try keyed(other)
        try scratch.write(before)
        #expect(reason { try newer.refresh() } == .revoked)
        let second = Scratch()
        try second.seal()
        try scratch.write(second.read())
        #expect(reason { try vault.refresh() } == .otherVault)
    }

    @Test("an older copy is read, and is not changed unless that is accepted")
    func rollback() throws {
        var vault = try make(["one"])
        let before = try scratch.read()
        var other = try scratch.open()
        try other.update { try $0.addKey("two") }
        try vault.refresh()
        try scratch.write(before)
        try vault.refresh()
        guard case .rollback = vault.freshness else {
            Issue.record("\(vault.freshness)")
            return
        }
        #expect(try secretText("one", &vault) == "secret of one")
        let changes = try VaultChanges()
        #expect(
            reason { _ = try vault.image(applying: changes, acceptingRollback: false) }
                == .notSuccessor(vault.freshness))
        _ = try vault.image(applying: changes, acceptingRollback: true)
    }

    @Test("an image with changes is the next state, for every other reader as well")
    func image() throws {
        var vault = try make(["one", "two"])
        var changes = try VaultChanges()
        try changes.add(
            Entry(name: "three", accessKeyID: "AKIAIOSFODNN7EXAMPLE"), secretAccessKey: secret("third"),
            sessionToken: nil)
        try changes.append(.remove, name: "two")
        var entry = try #require(try vault.entries().first)
        entry.name = "uno"
        entry.note = "renamed"
        try changes.append(.edit, name: "one", entry: entry)
        try publish(vault.image(applying: changes, acceptingRollback: false))
        let generation = vault.generation
        try vault.refresh()
        #expect(vault.generation == generation + 1 && vault.freshness == .current)
        #expect(try secretText("uno", &vault) == "secret of one")
        #expect(try secretText("three", &vault) == "third")
        let opened = try scratch.open()
        #expect(opened.contents.names == ["three", "uno"])
        #expect(opened.freshness == .current)
        #expect(!(try scratch.names().contains("vault.prev")), "it would keep what was removed")
    }

    @Test(
        "a change that breaks a rule makes no image",
        arguments: [
            (VaultChanges.Kind.add, "one", "one"), (.remove, "missing", ""), (.edit, "missing", "x"),
            (.edit, "one", "two"), (.add, "", "1 no name"),
        ])
    func refused(kind: VaultChanges.Kind, name: String, new: String) throws {
        let vault = try make(["one", "two"])
        var changes = try VaultChanges()
        let entry = Entry(name: new, accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        let key = try secret("key")
        try changes.append(
            kind, name: name, entry: entry, secretAccessKey: key.bytes, sessionToken: RawSpan())
        #expect(reason { _ = try vault.image(applying: changes, acceptingRollback: false) } != nil)
    }

    @Test("only the next state of the same vault is published")
    func wrongImage() throws {
        let vault = try make(["one"])
        let changes = try VaultChanges()
        let image = try vault.image(applying: changes, acceptingRollback: false)
        let before = try scratch.read()
        for position in [16, 32, 44, 0] {
            var bytes = image.bytes
            bytes[position] ^= 1
            let wrong = VaultImage(bytes: bytes, keyID: image.keyID, removesPrevious: false)
            #expect(isDamaged(reason { try publish(wrong) }))
        }
        let short = VaultImage(bytes: Array(image.bytes[..<8000]), keyID: image.keyID, removesPrevious: false)
        #expect(isDamaged(reason { try publish(short) }))
        #expect(try scratch.read() == before)
    }

    private func publish(_ image: VaultImage) throws {
        let writer = try VaultWriter(scratch.location)
        #expect(try writer.publish(image, after: SealedVault.readHeader(scratch.location).mac) == nil)
    }

    @Test("an entry without its secrets travels as it is")
    func message() throws {
        var entry = Entry(name: "a", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        entry.accountID = "123456789012"
        entry.userName = "ä"
        entry.createdAt = 1
        entry.expiration = 253_402_300_799
        entry.source = ""
        entry.region = "eu-central-1"
        entry.note = String(repeating: "n", count: 4096)
        entry.exposeFor = .max
        entry.hasSessionToken = true
        let bytes = entry.encoded()
        #expect(Entry(encoded: bytes.rawSpan) == entry)
        for cut in 1..<40 {
            let short = Array(bytes.dropLast(cut))
            let found = Entry(encoded: short.rawSpan)
            #expect(found != entry)
        }
    }
}
