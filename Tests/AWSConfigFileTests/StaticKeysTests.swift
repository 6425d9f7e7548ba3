import AWSConfigGrammar
import TestSupport
import Testing

@testable import AWSConfigFile

@Suite("Plaintext keys in the files")
struct StaticKeysTests {
    private let file = """
        [default]
        AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
        aws_secret_access_key =  abc/def+ghi= \t
        aws_session_token: t=1
        region = x

        # about the next
        [only]
        aws_access_key_id = AKIAX

        aws_secret_access_key = s

        [none]
        region = y
        """

    @Test("the parts are found where they stand, without white space around them")
    func found() throws {
        let document = try document(file, kind: .credentials)
        #expect(document.profilesWithStaticKeys == ["default", "only"])
        let keys = try #require(try document.staticKeys(of: "default"))
        #expect(keys.line == 2)
        #expect(document.accessKeyID(of: keys) == "AKIAIOSFODNN7EXAMPLE")
        let secret = try document.secret(in: #require(keys.secretAccessKey))
        #expect(secret.exposed == Array("abc/def+ghi=".utf8))
        #expect(keys.sessionToken.flatMap { document.text($0) } == "t=1")
        #expect(try document.staticKeys(of: "none") == nil)
        #expect(try document.staticKeys(of: "absent") == nil)
    }

    @Test("in the config file the profile's section is searched")
    func inConfig() throws {
        let document = try document("[profile a]\naws_access_key_id = A\naws_security_token = T\n")
        let keys = try #require(try document.staticKeys(of: "a"))
        #expect(keys.sessionToken.flatMap { document.text($0) } == "T")
        #expect(keys.secretAccessKey == nil)
    }

    @Test("exactly the key's lines go, and a section of nothing else goes whole")
    func removed() throws {
        let document = try document(file, kind: .credentials)
        func without(_ profile: String) throws -> String? {
            guard let edit = try document.removeStaticKeys(of: profile) else { return nil }
            return edit.document.plainText
        }
        let lines = file.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(try without("default") == (lines[..<1] + lines[4...]).joined(separator: "\n"))
        #expect(try without("only") == (lines[..<7] + lines[12...]).joined(separator: "\n"))
        #expect(try without("none") == nil)
    }

    @Test("what is ambiguous is refused")
    func ambiguous() throws {
        func keys(_ text: String) throws {
            let document = try document(text, kind: .credentials)
            _ = try document.staticKeys(of: "a")
        }
        #expect(failure { try keys("[a]\n[a]\n") } == .sectionTwice(profile: "a", first: 1, second: 2))
        #expect(
            failure { try keys("[a]\naws_secret_access_key = x\n  y\n") }
                == .settingOverLines(name: "aws_secret_access_key", line: 2))
        #expect(
            failure { try keys("[a]\naws_access_key_id=x\naws_access_key_id=y\n") }
                == .settingTwice(name: "aws_access_key_id", first: 2, second: 3))
    }
}
