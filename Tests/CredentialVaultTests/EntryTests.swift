import SecureMemory
import TestSupport
import Testing

@testable import CredentialVault

@Suite("Entries")
struct EntryTests {
    @Test("a value against the rules is named as people know it, with the rule and without the value")
    func complaints() throws {
        let changes: [((inout Entry) -> Void, String)] = [
            ({ $0.accountID = "12" }, "invalid account ID: it must have 12 digits"),
            (
                { $0.note = "a\nb" },
                "invalid note: it must have 1 to 4096 bytes and must not contain line breaks or other control characters"
            ),
            ({ $0.userName = "" }, "invalid user name: it must have 1 to 4096 bytes and"),
            ({ $0.sessionSeconds = 60 }, "invalid session duration: it must be 900 to 129600 seconds"),
        ]
        for (change, says) in changes {
            var contents = try VaultContents()
            var entry = Entry(name: "a", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
            change(&entry)
            let error = #expect(throws: VaultError.self) {
                try contents.add(entry, secretAccessKey: secret("key"))
            }
            guard case .invalidValue(let text) = error?.reason else {
                Issue.record("it was taken")
                continue
            }
            #expect(text.hasPrefix(says))
        }
    }

    private static let full: Entry = {
        var entry = Entry(name: "full", accessKeyID: "ASIAIOSFODNN7EXAMPLE")
        entry.accountID = "123456789012"
        entry.userName = "Zoë"
        entry.createdAt = 0
        entry.expiration = 253_402_300_799
        entry.source = "csv: prod_accessKeys.csv"
        entry.region = "eu-central-1"
        entry.note = "€ 😀"
        entry.exposeFor = 0
        return entry
    }()

    @Test("everything that is told of an entry is read back, and its secrets in place")
    func everything() throws {
        var contents = try VaultContents()
        let start = VaultStore.now()
        try contents.add(Self.full, secretAccessKey: secret("key"), sessionToken: secret("token"))
        let again = try read(encoded(contents))
        let entry = try again.known("full")
        var expected = Self.full
        expected.sealedAt = entry.sealedAt
        expected.changedAt = entry.changedAt
        expected.hasSessionToken = true
        #expect(entry == expected)
        #expect((start...VaultStore.now()).contains(entry.sealedAt) && entry.changedAt == entry.sealedAt)
        let secrets = try again.secrets(of: "full")
        let pair = ([UInt8](secrets.secretAccessKey), exposed(secrets.sessionToken))
        #expect(pair.0 == Array("key".utf8) && pair.1 == Array("token".utf8))
        #expect(contents.entries == again.entries)
    }

    @Test("a change keeps the secrets, the times of sealing, and what it does not mention")
    func change() throws {
        var contents = try TestContent(records: [.accessKey(1).with(5, Array("token".utf8)).with(14, [0x61])])
            .read()
        let before = try contents.known("key-1")
        try contents.change("key-1") { $0.region = "us-east-1" }
        let after = try contents.known("key-1")
        #expect(after.region == "us-east-1" && after.note == "a" && after.hasSessionToken)
        #expect(after.sealedAt == before.sealedAt && after.changedAt >= before.changedAt + 1)
        #expect(try contents.secretText(of: "key-1") == "made-up secret 1")
        try contents.change("key-1") { $0.note = nil }
        #expect(contents.entry(named: "key-1")?.note == nil)
    }

    @Test("a change that changes nothing leaves the time of the last one")
    func noChange() throws {
        var contents = try TestContent(records: [.accessKey(1)]).read()
        let before = try encoded(contents)
        try contents.change("key-1") { $0.sealedAt = $0.sealedAt }
        #expect(try encoded(contents) == before)
    }

    @Test("names are told sorted, whatever the order of the records")
    func sorted() throws {
        let records: [TestRecord] = [
            .accessKey(1, name: "b"), .accessKey(2, name: "C"), .accessKey(3, name: "a"),
        ]
        let contents = try TestContent(records: records).read()
        #expect(contents.names == ["C", "a", "b"])
        #expect(contents.entries.map(\.name) == ["C", "a", "b"])
    }

    @Test("a name that is taken is refused, and one that is not there is not found")
    func names() throws {
        var contents = try TestContent(records: [.accessKey(1), .accessKey(2)]).read()
        let before = try encoded(contents)
        #expect(reason { try contents.addKey("key-1") } == .nameTaken("key-1"))
        #expect(reason { try contents.change("key-1") { $0.name = "key-2" } } == .nameTaken("key-2"))
        #expect(reason { try contents.change("none") { $0.note = "x" } } == .noSuchEntry("none"))
        #expect(reason { try contents.remove("none") } == .noSuchEntry("none"))
        #expect(reason { _ = try contents.secretText(of: "none") } == .noSuchEntry("none"))
        #expect(contents.entry(named: "none") == nil)
        #expect(try encoded(contents) == before)
    }

    @Test("a name is free again after its entry was renamed or removed")
    func freed() throws {
        var contents = try TestContent(records: [.accessKey(1), .accessKey(2)]).read()
        try contents.change("key-1") { $0.name = "renamed" }
        try contents.remove("key-2")
        try contents.addKey("key-1", secret: "new")
        try contents.addKey("key-2", secret: "newer")
        #expect(contents.names == ["key-1", "key-2", "renamed"])
        let again = try read(encoded(contents))
        #expect(try again.secretText(of: "key-1") == "new")
        #expect(try again.secretText(of: "renamed") == "made-up secret 1")
    }

    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let change: @Sendable (inout Entry) -> Void
    }

    static let faults: [Fault] = [
        Fault(testDescription: "no name") { $0.name = "" },
        Fault(testDescription: "a hyphen first") { $0.name = "-rf" },
        Fault(testDescription: "a long name") { $0.name = String(repeating: "a", count: 129) },
        Fault(testDescription: "a newline in the name") { $0.name = "a\nb" },
        Fault(testDescription: "a bracket in the name") { $0.name = "a]" },
        Fault(testDescription: "no access key id") { $0.accessKeyID = "" },
        Fault(testDescription: "a quote in the access key id") { $0.accessKeyID = "AKIAIOSFODNN7\"XAMPLE" },
        Fault(testDescription: "an account of 13 digits") { $0.accountID = "1234567890123" },
        Fault(testDescription: "an empty note") { $0.note = "" },
        Fault(testDescription: "an escape in the note") { $0.note = "\u{1B}]0;x\u{07}" },
        Fault(testDescription: "a C1 character in the user's name") { $0.userName = "\u{9B}31m" },
        Fault(testDescription: "a long region") { $0.region = String(repeating: "r", count: 4097) },
        Fault(testDescription: "an endless source") { $0.source = String(repeating: "s", count: 9 << 20) },
        Fault(testDescription: "an expiration before 1970") { $0.expiration = -1 },
        Fault(testDescription: "a creation after 9999") { $0.createdAt = .max },
    ]

    @Test("a value that breaks a rule is refused, and nothing changes", arguments: faults)
    func fault(fault: Fault) throws {
        var contents = try TestContent(records: [.accessKey(1)]).read()
        let before = try encoded(contents)
        var entry = Entry(name: "new", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        fault.change(&entry)
        let added = reason { try contents.add(entry, secretAccessKey: secret("key")) }
        let changed = reason { try contents.change("key-1", fault.change) }
        #expect(isRefused(added) && isRefused(changed))
        #expect(try encoded(contents) == before)
    }

    @Test("a secret or a token that breaks a rule is refused, and an entry to be replaced stays")
    func secrets() throws {
        let long = String(repeating: "s", count: 6145)
        for (key, token) in [
            ("", "t"), ("k\n", "t"), (String(long.prefix(4097)), "t"), ("k", ""), ("k", long),
        ] {
            var contents = try TestContent(records: [.accessKey(1)]).read()
            let before = try encoded(contents)
            let entry = Entry(name: "key-1", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
            let refused = reason {
                try contents.add(
                    entry, secretAccessKey: secret(key), sessionToken: secret(token), replacing: true)
            }
            #expect(isRefused(refused))
            #expect(try encoded(contents) == before)
        }
    }

    private func isRefused(_ reason: VaultError.Reason?) -> Bool {
        switch reason {
        case .invalidValue, .full: true
        default: false
        }
    }
}
