import SecureMemory
import Testing

@testable import CredentialVault

/// Entries and roles as they travel between the agent and its clients.
@Suite("Messages")
struct MessageTests {
    private static let entry: Entry = {
        var entry = Entry(name: "prod", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        entry.stsEndpoint = "https://sts.example"
        entry.iamEndpoint = "https://iam.example"
        entry.caBundle = "/etc/ca.pem"
        entry.mfaSerial = "GAHT12345678"
        entry.sessionSeconds = 43_200
        entry.lastUsedAt = 7
        entry.lastUsedAskedAt = 8
        entry.hasOneTimeCodeSeed = true
        entry.rotation = Rotation(phase: .deactivated, beganAt: 5, keysBefore: ["AKIAI44QH8DHBEXAMPLE", "A"])
        entry.rotation?.otherAccessKeyID = "AKIAI44QH8DHBEXAMPLE"
        entry.rotation?.otherCreatedAt = 6
        entry.rotation?.deleteAfter = 9
        return entry
    }()

    private static let role: Role = {
        var role = Role(name: "admin", roleARN: "arn:aws:iam::123456789012:role/Admin", source: "prod")
        role.policyARNs = ["a", "b"]
        role.tags = ["team=core", "empty="]
        role.transitiveTagKeys = ["team"]
        role.sessionSeconds = 3600
        return role
    }()

    private func entry(_ bytes: [UInt8]) -> Entry? {
        Entry(encoded: bytes.rawSpan)
    }
    private func role(_ bytes: [UInt8]) -> Role? { Role(encoded: bytes.rawSpan) }

    @Test(
        "all that is known of an entry travels as it is",
        arguments: [Entry.Serve.key, .session, .role("admin"), .role("")])
    func entries(serve: Entry.Serve) {
        var sent = Self.entry
        sent.serve = serve
        #expect(entry(sent.encoded()) == sent && role(sent.encoded()) == nil)
    }

    @Test("a rotation travels at every step", arguments: [1, 2, 3, 4, 5, 255] as [UInt8])
    func phases(number: UInt8) throws {
        var sent = Self.entry
        sent.rotation = Rotation(phase: try #require(.init(rawValue: number)), beganAt: 5, keysBefore: [])
        #expect(entry(sent.encoded()) == sent)
    }

    @Test("a role travels as it is, also one whose source is gone")
    func roles() {
        var sent = Self.role
        #expect(role(sent.encoded()) == sent && entry(sent.encoded()) == nil)
        sent.source = ""
        #expect(role(sent.encoded()) == sent)
    }

    @Test("a message that is cut anywhere is not taken for the whole")
    func cut() {
        let (key, admin) = (Self.entry.encoded(), Self.role.encoded())
        for count in 1..<key.count { #expect(entry(Array(key[..<count])) != Self.entry) }
        for count in 1..<admin.count { #expect(role(Array(admin[..<count])) != Self.role) }
    }

    private static func field(_ tag: UInt16, _ value: [UInt8]) -> [UInt8] {
        little(tag) + little(UInt16(value.count)) + value
    }

    @Test(
        "a field of an entry that is none makes the message none",
        arguments: [
            field(16, time(2)), field(16, [1]), field(17, [0xFF]), field(18, [0xC0]), field(22, [1]),
            field(23, time(-1)), field(23, time(1 << 32)), field(24, time(6)), field(24, time(-1)),
            field(25, time(5)), field(27, [65]), field(24, time(1)) + field(25, [5]), field(31, [1]),
            field(33, [65]), field(4, [65]), field(28, [65]), field(99, [65]),
        ])
    func hostileEntry(bytes: [UInt8]) {
        #expect(entry(Self.field(1, [65]) + bytes) == nil)
        #expect(entry(Self.field(1, [65])) != nil)
    }

    @Test(
        "a field of a role that is none makes the message none",
        arguments: [
            field(3, [65]), field(23, time(-1)), field(23, [1]), field(34, [0xFF]), field(37, [0xFF]),
            field(38, [0xED, 0xA0, 0x80]), field(9, [1]), field(33, []), field(99, []),
        ])
    func hostileRole(bytes: [UInt8]) {
        #expect(role(Self.field(33, [65]) + bytes) == nil)
        #expect(role(Self.field(33, [65])) != nil)
    }

    @Test("the largest role that a vault takes fits into one page of the agent")
    func largest() throws {
        let long = { (count: Int) in String(repeating: "x", count: count) }
        let lines = { (count: Int, bytes: Int) in
            Array(repeating: long((bytes + 1) / count - 1), count: count)
        }
        var sent = Role(name: long(128), roleARN: long(2048), source: long(128))
        (sent.region, sent.note, sent.stsEndpoint) = (long(4096), long(4096), long(512))
        (sent.caBundle, sent.mfaSerial, sent.sessionSeconds) = (long(1024), long(256), 43_200)
        (sent.externalID, sent.policy, sent.policyARNs) = (long(1224), long(2048), lines(10, 4096))
        (sent.tags, sent.transitiveTagKeys) = (
            lines(50, VaultFormat.tagsLimit), lines(50, VaultFormat.tagKeysLimit)
        )
        (sent.sourceIdentity, sent.sessionName) = (long(64), long(64))
        var contents = try VaultContents()
        try contents.addKey(sent.source)
        // The name of the source is the role's own here, but for its first letter.
        sent.name = "y" + long(127)
        try contents.add(sent)
        let stored = contents.roles.first
        // A page has 60 KiB, and a head of less than 100 bytes.
        #expect(try #require(stored).encoded().count < 60 << 10 - 100)
    }
}
