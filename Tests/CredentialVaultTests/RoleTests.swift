import SecureMemory
import TestSupport
import Testing

@testable import CredentialVault

@Suite("Roles")
struct RoleTests {
    private static let arn = "arn:aws:iam::123456789012:role/Admin"

    /// A key called `prod`, and roles that lead to it one after the other.
    private func contents(_ roles: String...) throws -> VaultContents {
        var contents = try VaultContents()
        try contents.addKey("prod")
        var source = "prod"
        for name in roles {
            try contents.add(Role(name: name, roleARN: Self.arn, source: source))
            source = name
        }
        return contents
    }

    @Test("a role comes back with all that is known of it")
    func all() throws {
        var contents = try contents()
        var role = Role(name: "admin", roleARN: Self.arn, source: "prod")
        role.region = "eu-central-1"
        role.note = "on call"
        role.stsEndpoint = "https://sts.example"
        role.caBundle = "/etc/ca.pem"
        role.mfaSerial = "arn:aws:iam::123456789012:mfa/alice"
        role.sessionSeconds = 7200
        role.externalID = "shared:word"
        role.policy = "{}"
        role.policyARNs = ["arn:aws:iam::aws:policy/One", "arn:aws:iam::aws:policy/Two"]
        role.tags = ["team=core", "empty="]
        role.transitiveTagKeys = ["team"]
        role.sourceIdentity = "alice"
        role.sessionName = "work"
        try contents.add(role)
        let read = try CredentialVaultTests.read(encoded(contents))
        var expected = role
        let stored = read.role(named: "admin")
        let found = try #require(stored)
        expected.sealedAt = found.sealedAt
        expected.changedAt = found.changedAt
        #expect(found == expected && found.sealedAt > 0)
        #expect(read.roles == [found] && read.names == ["prod"])
        let message = found.encoded()
        #expect(Role(encoded: message.rawSpan) == found)
        #expect(Entry(encoded: message.rawSpan) == nil)
    }

    @Test("a source may be renamed: its roles follow")
    func renamed() throws {
        var contents = try contents("admin")
        try contents.change("prod") { $0.name = "production" }
        #expect(contents.role(named: "admin")?.source == "production")
        try contents.requireReferences()
    }

    @Test("a key that is replaced stays the source of its roles")
    func replaced() throws {
        var contents = try contents("admin", "deep")
        try contents.change("prod") { $0.serve = .role("admin") }
        try contents.addKey("prod", replacing: true)
        #expect(contents.role(named: "admin")?.source == "prod")
        #expect(contents.role(named: "deep")?.source == "admin")
        try contents.requireReferences()
    }

    @Test("roles that lead back to themselves are refused with their way")
    func loop() throws {
        var contents = try contents("one", "two", "three")
        try contents.changeRole("one") { $0.source = "three" }
        #expect(
            reason { try contents.requireReferences() } == .roleLoop(["one", "three", "two", "one"]))
    }

    @Test("eight roles may lead to a key, and not nine")
    func chain() throws {
        var contents = try contents("a", "b", "c", "d", "e", "f", "g", "h")
        try contents.requireReferences()
        try contents.add(Role(name: "i", roleARN: Self.arn, source: "h"))
        #expect(
            reason { try contents.requireReferences() }
                == .roleChain(["i", "h", "g", "f", "e", "d", "c", "b", "a", "prod"]))
    }

    @Test("a role needs a source that is there, and a free name")
    func refused() throws {
        var contents = try contents("admin")
        #expect(
            reason { try contents.add(Role(name: "x", roleARN: Self.arn, source: "none")) }
                == .noSuchEntry("none"))
        #expect(
            reason { try contents.add(Role(name: "prod", roleARN: Self.arn, source: "prod")) }
                == .nameTaken("prod"))
        #expect(reason { try contents.changeRole("prod") { $0.note = "" } } == .noSuchRole("prod"))
        #expect(reason { try contents.change("prod") { $0.serve = .role("prod") } } == .noSuchRole("prod"))
        #expect(reason { try contents.changeRole("admin") { $0.sessionSeconds = 1 } } != nil)
        #expect(contents.role(named: "admin")?.sessionSeconds == nil)
    }

    @Test("unknown fields of a role keep their places when it is changed")
    func unknown() throws {
        let role = TestRecord.role(2, name: "admin").with(3, [1]).with(15, [2]).with(35, Array("word".utf8))
            .with(60_000, [3])
        var contents = try TestContent(records: [.accessKey(1), role]).read()
        try contents.changeRole("admin") { $0.source = "key-1" }
        let stored = contents.role(named: "admin")
        let changed = try #require(stored).changedAt
        let expected = role.with(34, TestRecord.id(1)).with(11, time(changed))
        #expect(try encoded(contents) == padded(TestContent(records: [.accessKey(1), expected]).bytes))
    }
}

@Suite("Secrets of an entry")
struct SecretChangeTests {
    private func change(
        _ contents: inout VaultContents, _ kind: VaultChanges.Kind, _ entry: Entry, _ text: String = ""
    ) throws {
        var changes = try VaultChanges()
        try changes.append(kind, name: entry.name, entry: entry, secret: secret(text))
        try changes.apply(to: &contents)
    }

    private func key(_ contents: borrowing VaultContents) throws -> Entry {
        let entry = contents.entry(named: "prod")
        return try #require(entry)
    }

    @Test("a seed is sealed, survives a change, and goes")
    func seed() throws {
        var contents = try VaultContents()
        try contents.addKey("prod")
        try change(&contents, .seed, key(contents), "0123456789")
        try contents.change("prod") { $0.note = "with a device" }
        #expect(try key(contents).hasOneTimeCodeSeed)
        try change(&contents, .seed, key(contents))
        #expect(try !key(contents).hasOneTimeCodeSeed)
        #expect(reason { try change(&contents, .seed, key(contents), "too short") } != nil)
    }

    @Test("the time of the sealing is that of the key that is served")
    func sealingTime() throws {
        let record = TestRecord.accessKey(1, name: "prod").with(24, [2]).with(25, time(1_700_000_002))
            .with(27, Array("AKIAI44QH8DHBEXAMPLE".utf8)).with(28, Array("the new one".utf8))
        var contents = try TestContent(records: [record]).read()
        var entry = try key(contents)
        #expect(entry.sealedAt == 1_700_000_000)
        entry.note = "a note"
        try change(&contents, .edit, entry)
        #expect(try key(contents).sealedAt == 1_700_000_000)
        entry.accessKeyID = "AKIAI44QH8DHBEXAMPLE"
        entry.rotation?.otherAccessKeyID = "AKIAIOSFODNN7EXAMPLE"
        entry.rotation?.phase = .switched
        try change(&contents, .swap, entry)
        let now = try key(contents)
        #expect(now.sealedAt == now.changedAt && now.sealedAt > 1_700_000_002)
    }

    @Test("the two keys of a rotation change places, and the other one goes with the rotation")
    func swap() throws {
        var contents = try VaultContents()
        try contents.addKey("prod", secret: "the old one")
        let old = try key(contents).accessKeyID
        var entry = try key(contents)
        var rotation = Rotation(phase: .created, beganAt: 5, keysBefore: [old])
        rotation.otherAccessKeyID = "AKIAI44QH8DHBEXAMPLE"
        rotation.otherCreatedAt = 7
        entry.rotation = rotation
        try change(&contents, .otherKey, entry, "the new one")
        #expect(try contents.secretText(of: "prod") == "the old one")
        #expect(try key(contents).rotation == rotation)

        entry.accessKeyID = "AKIAI44QH8DHBEXAMPLE"
        rotation.phase = .switched
        rotation.otherAccessKeyID = old
        entry.rotation = rotation
        try change(&contents, .swap, entry)
        #expect(try contents.secretText(of: "prod") == "the new one")
        try change(&contents, .swap, entry)
        #expect(try contents.secretText(of: "prod") == "the old one")
        try change(&contents, .swap, entry)

        entry.rotation = nil
        try change(&contents, .edit, entry)
        #expect(try key(contents).rotation == nil)
        let bytes = try encoded(contents)
        #expect(!bytes.contains(Array("the old one".utf8)) && bytes.contains(Array("the new one".utf8)))
    }

    @Test("a second key without a secret is refused")
    func noSecret() throws {
        var contents = try VaultContents()
        try contents.addKey("prod")
        var entry = try key(contents)
        entry.rotation = Rotation(phase: .created, beganAt: 5, keysBefore: [])
        entry.rotation?.otherAccessKeyID = "AKIAI44QH8DHBEXAMPLE"
        #expect(reason { try change(&contents, .edit, entry) } != nil)
        #expect(try key(contents).rotation == nil)
    }

    @Test("nothing changes places with a second key that is not there")
    func noSecond() throws {
        var contents = try VaultContents()
        try contents.addKey("prod")
        var entry = try key(contents)
        entry.accessKeyID = "AKIAI44QH8DHBEXAMPLE"
        #expect(
            reason { try change(&contents, .swap, entry) }
                == .invalidValue("the rotation has no second key to switch to"))
        #expect(try key(contents).accessKeyID == "AKIAIOSFODNN7EXAMPLE")
    }

    @Test("a rotation at a step of a later version is told as that, and nothing of its entry is written")
    func later() throws {
        let record = TestRecord.accessKey(1, name: "prod").with(24, [6]).with(25, time(5))
            .with(27, Array("AKIAI44QH8DHBEXAMPLE".utf8)).with(28, Array("the other one".utf8))
        var contents = try TestContent(records: [record]).read()
        let before = try encoded(contents)
        var entry = try key(contents)
        #expect(entry.rotation?.phase == .later && entry.rotation?.otherAccessKeyID == "AKIAI44QH8DHBEXAMPLE")
        entry.note = "changed"
        #expect(reason { try change(&contents, .edit, entry) } != nil)
        #expect(try encoded(contents) == before)
    }
}
