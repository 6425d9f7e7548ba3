import AWSConfigGrammar
import Testing

@testable import AWSConfigFile

@Suite("The index of a file")
struct ConfigDocumentTests {
    @Test(
        "a header names the profile that botocore takes it for",
        arguments: [
            ("default", "default"), ("profile a", "a"), ("profile\ta ", "a"), ("profile \"a b\"", "a b"),
            ("profile 'a b'", "a b"), (#"profile a\ b"#, "a b"), (#"profile "a\"b\\c\d""#, #"a"b\c\d"#),
            ("profilex a", "a"), ("profile \"\"", ""), ("profile a#b", "a#b"), ("profile a b", nil),
            ("profile a\"b", nil), (#"profile a\"#, nil), ("profile", nil), (" profile a", nil),
            ("other", nil),
            ("Default", nil), ("sso-session a", nil),
        ] as [(String, String?)])
    func profileOfHeader(header: String, profile: String?) {
        #expect(ConfigKind.config.profile(header) == profile)
    }

    @Test("in the credentials file a header is the profile's name as it stands")
    func credentialsHeaders() throws {
        let found = try document("[default]\n[profile a]\n[b c]\n[DEFAULT]\n", kind: .credentials)
        #expect(found.profileNames == ["default", "profile a", "b c"])
    }

    @Test("every line end ends a line", arguments: ["\n", "\r\n", "\r"])
    func lineEnds(end: String) throws {
        let found = try document(["[default]", "region = a", "", "output = b"].joined(separator: end))
        #expect(found.lines.count == 4)
        #expect(found.settings.map { found.text($0.value) } == ["a", "b"])
    }

    @Test("a deeper line belongs to the setting above, whatever stands between")
    func continuations() throws {
        let found = try document(
            "[default]\n  s3 =\n    a = b\n# c\n\n    region = x\n  region = y\n [profile z]\n")
        #expect(found.settings.count == 2)
        #expect(found.settings[0].lines == 1..<6)
        #expect(found.profileNames == ["default", "z"])
        #expect(found.warnings.isEmpty)
    }

    @Test("an indented header under a setting is a part of its value")
    func headerInValue() throws {
        let found = try document("[default]\nx = 1\n  [profile a]\ny = 1\n")
        #expect(found.profileNames == ["default"])
        #expect(found.settings.count == 2)
    }

    @Test(
        "what botocore cannot read is told with its line",
        arguments: [
            ("\u{feff}[default]\n", .byteOrderMark),
            ("\n[a]\n[a]\n", .sectionTwice(header: "a", line: 3, first: 2)),
            ("[profile a]\n[profile \"a\"]\n", .profileTwice(profile: "a", line: 2, first: 1)),
            ("[profile default]\n[default]\n", .profileTwice(profile: "default", line: 2, first: 1)),
            ("[a]\nx=1\nX = 2\n", .settingTwice(line: 3, first: 2)),
            ("[DEFAULT]\nx=1\n[DEFAULT]\nx=2\n", .settingTwice(line: 4, first: 2)),
            ("[a]\ngarbage\n", .unreadableLine(2)), ("[a]\n= x\n", .unreadableLine(2)),
            ("[profile a\n", .headerWithoutBracket(line: 1)),
            ("[a]\nx = 1\n[b\n", .headerWithoutBracket(line: 3)),
            ("[a]\n[]\n", .unreadableLine(2)), ("# c\nx = 1\n[a]\n", .beforeFirstSection(line: 2)),
            ("[a]\ns3 =\n  b\n", .nestedLineWithoutValue(3)),
            ("[ profile a ]\n", .lookalike(profile: "a", line: 1)),
            ("[default] # [x]\n", .lookalike(profile: "default", line: 1)),
        ] as [(String, ConfigWarning)])
    func warnings(text: String, warning: ConfigWarning) throws {
        let found = try document(text)
        #expect(found.warnings == [warning])
    }

    @Test(
        "bytes that are no UTF-8 are told",
        arguments: [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82]])
    func invalidUTF8(bytes: [UInt8]) throws {
        let found = try document(Array("[a]\nx = ".utf8) + bytes)
        #expect(found.warnings == [.notUTF8(line: 2)])
    }

    @Test(
        "readable files give no warning",
        arguments: ["", "\n# c\n ; d", "[a] x\nk=é€😀\n", "[DEFAULT]\n[DEFAULT]\n"])
    func noWarnings(text: String) throws {
        let found = try document(text)
        #expect(found.warnings.isEmpty)
    }

    @Test("a file that is all garbage gives only so many warnings")
    func warningsEnd() throws {
        let found = try document(String(repeating: "garbage\n", count: 1000))
        #expect(found.warnings.count == 32)
    }

    @Test("size and number of lines have an end")
    func bounds() {
        #expect(
            failure { _ = try document([UInt8](repeating: 0x20, count: (4 << 20) + 1)) }
                == .tooLarge(limit: 4 << 20))
        let lines = [UInt8](repeating: 0x0A, count: (1 << 18) + 1)
        #expect(failure { _ = try document(lines) } == .tooManyLines(limit: 1 << 18))
    }

    @Test("100,000 lines take time in proportion to their number", .timeLimit(.minutes(1)))
    func manyLines() throws {
        let many = (0..<25_000).map { "[profile p\($0)]\n\nx = \($0)\ns\($0) =\n" }.joined()
        let found = try document(many)
        #expect(found.lines.count == 100_000)
        let result = try #require(try configured(found, settings()))
        #expect(result.diff.count == 7)
        let flat = try document("[a]\n" + (0..<50_000).map { "s\($0) = \($0)\n" }.joined())
        #expect(flat.settings.count == 50_000)
    }

    @Test("profiles that name an entry are found in both forms of the command")
    func entries() throws {
        let found = try document(
            """
            [default]
            credential_process = /a/sealring-credential-process one
            [profile b]
            Credential_Process: "/a b/sealring" --no-agent credential-process two
            [profile c]
            credential_process = /a/other-tool three
            [profile d]
            credential_process = /a/sealring-credential-process
            [profile e]
            credential_process = /a/sealring list
            [plugins]
            credential_process = /a/sealring-credential-process four
            """)
        #expect(found.sealringProfiles.map(\.profile) == ["default", "b"])
        #expect(found.sealringProfiles.map(\.entry) == ["one", "two"])
    }
}
