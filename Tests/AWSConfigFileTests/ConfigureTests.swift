import AWSConfigGrammar
import Testing

@testable import AWSConfigFile

@Suite("Configuring a profile")
struct ConfigureTests {
    private let line = "credential_process = \(helper) prod"

    private func configure(
        _ old: String, _ wanted: ProfileSettings? = nil, profile: String = "target", replacing: Bool = false
    ) throws -> String? {
        let document = try document(old)
        let result = try configured(
            document, wanted ?? settings(), profile: profile, replacingForeignProcess: replacing)
        return result.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    @Test("a new profile is appended behind one blank line, with the line ends of the file")
    func append() throws {
        #expect(try configure("") == "[profile target]\n\(line)\n")
        #expect(try configure("", profile: "default") == "[default]\n\(line)\n")
        #expect(try configure("[default]\nx=1\n") == "[default]\nx=1\n\n[profile target]\n\(line)\n")
        #expect(try configure("[default]\nx=1") == "[default]\nx=1\n\n[profile target]\n\(line)\n")
        #expect(try configure("[default]\n  \n") == "[default]\n  \n[profile target]\n\(line)\n")
        #expect(
            try configure("[default]\r\nx=1") == "[default]\r\nx=1\r\n\r\n[profile target]\r\n\(line)\r\n")
        #expect(try configure("[default]\rx=1\r") == "[default]\rx=1\r\r[profile target]\r\(line)\r")
    }

    @Test("missing settings follow the last one of the section, as deep as that")
    func insert() throws {
        let old = "[profile target]\n  s3 =\n    a = b\n\n# about other\n[profile other]\n"
        let new =
            "[profile target]\n  s3 =\n    a = b\n  \(line)\n  region = eu-x\n"
            + "\n# about other\n[profile other]\n"
        #expect(try configure(old, settings(region: "eu-x")) == new)
        #expect(
            try configure("[profile target]\n  [default]\n") == "[profile target]\n  \(line)\n  [default]\n")
        #expect(try configure("[profile target]") == "[profile target]\n\(line)\n")
        #expect(
            try configure("[profile target]\r\nx = 1\n[a]\n") == "[profile target]\r\nx = 1\n\(line)\n[a]\n")
    }

    @Test("a value is replaced where it stands, and nothing else of its line")
    func replace() throws {
        let old = "[profile target]\n\tRegion:  us-x \t\r\noutput =\n\(line)\nx = 1"
        let new = "[profile target]\n\tRegion:  eu-x \t\r\noutput =json\n\(line)\nx = 1"
        #expect(try configure(old, settings(region: "eu-x", output: "json")) == new)
    }

    @Test("a profile of the credentials file has a header of its own name")
    func credentialsFile() throws {
        func header(_ profile: String) throws -> Substring? {
            let empty = try document("", kind: .credentials)
            guard let edit = try empty.configure(ProfileName(profile), settings()) else { return nil }
            return edit.document.plainText.split(separator: "\n").first
        }
        #expect(try header("target") == "[target]")
        #expect(try header("default") == "[default]")
        // Python's configparser hands its settings to every profile.
        #expect(failure { _ = try header("DEFAULT") } != nil)
        let keys = try document("[target]\naws_access_key_id = x\n", kind: .credentials)
        #expect(
            failure { _ = try keys.configure(ProfileName("target"), settings()) }
                == .staticKeys(profile: "target", line: 2))
    }

    @Test("another entry replaces the first one; settings that were not asked for stay")
    func reconfigure() throws {
        let first = try #require(try configure("", settings("one", region: "eu-x")))
        let second = try #require(try configure(first, settings("two")))
        #expect(second == first.replacing("process one", with: "process two"))
    }

    @Test("the same request again changes nothing")
    func again() throws {
        let wanted = try settings(region: "eu-x", output: "json")
        let first = try #require(try configure("[default]\nx = 1", wanted))
        #expect(try configure(first, wanted) == nil)
        #expect(try configure(first, settings()) == nil)
    }

    @Test(
        "a plaintext key in the profile is a case of its own",
        arguments: ["aws_access_key_id", "AWS_SECRET_ACCESS_KEY", "aws_session_token", "aws_security_token"])
    func staticKeys(name: String) {
        let error = failure { _ = try configure("[profile target]\nx=1\n\(name) = v\n") }
        #expect(error == .staticKeys(profile: "target", line: 3))
    }

    @Test(
        "a profile with another source of credentials is refused",
        arguments: [
            "role_arn", "source_profile", "credential_source", "sso_session", "sso_account_id",
            "sso_start_url",
            "web_identity_token_file", "login_session",
        ])
    func otherSources(name: String) {
        let expected = AWSConfigError.otherSource(profile: "target", setting: name, line: 2)
        #expect(failure { _ = try configure("[profile target]\n\(name) = v\n") } == expected)
        // Python's configparser hands the settings of [DEFAULT] to every profile.
        #expect(failure { _ = try configure("[DEFAULT]\n\(name) = v\n") } == expected)
        #expect(failure { _ = try configure("[profile other]\n\(name) = v\n") } == nil)
    }

    @Test("another program's command is replaced only when asked for")
    func foreignProcess() throws {
        let old = "[profile target]\ncredential_process = /opt/tool get\n"
        #expect(failure { _ = try configure(old) } == .foreignProcess(profile: "target", line: 2))
        #expect(
            try configure(old, replacing: true)
                == "[profile target]\n\(line)\n# sealring replaced: credential_process = /opt/tool get\n")
        #expect(try configure("[profile target]\ncredential_process=/a/sealring-x y\n") != nil)
    }

    @Test("what stands twice, goes on over lines or is not read by botocore is refused")
    func ambiguous() {
        let twice = "[profile target]\n[profile \"target\"]\n"
        #expect(failure { _ = try configure(twice) } == .sectionTwice(profile: "target", first: 1, second: 2))
        let settingTwice = "[profile target]\nregion=a\nREGION=b\n"
        #expect(
            failure { _ = try configure(settingTwice, settings(region: "c")) }
                == .settingTwice(name: "region", first: 2, second: 3))
        let long = "[profile target]\ncredential_process =\n  /a/sealring-x y\n"
        #expect(failure { _ = try configure(long) } == .settingOverLines(name: "credential_process", line: 2))
        #expect(
            failure { _ = try configure("[ profile target ]\n") }
                == .sectionNotRead(profile: "target", line: 1))
        let strange = "[profile target]\noutput = a\u{1b}b\n"
        #expect(
            failure { _ = try configure(strange, settings(output: "json")) }
                == .valueNotText(name: "output", line: 2))
    }

    @Test("a file has no room for more than its limit")
    func full() {
        let old = "[a]\n#" + String(repeating: "x", count: (4 << 20) - 10) + "\n"
        #expect(failure { _ = try configure(old) } == .tooLarge(limit: 4 << 20))
    }
}
