import CredentialImport
import Testing

@Suite struct SettingsFileTests {
    static let key = "aws_access_key_id = \(exampleID)\naws_secret_access_key = \(exampleSecret)\n"

    @Test(
        "what botocore reads as the key of a profile is read as that",
        arguments: [
            ("[default]\n\(key)", "default"),
            ("# comment\n  ; comment\n\n[prod]\n\(key)", "prod"),
            ("[profile prod]\n\(key)", "prod"),
            ("[profile \"a b\"]\n\(key)", "a b"),
            ("[profile\t'x']\n\(key)", "x"),
            ("  [ prod ] # rest\n\(key)", "prod"),
            ("[a]b]\n\(key)", "a]b"),
            ("[profile]\n\(key)", "profile"),
            ("[1234]\n\(key)", "1234"),
            ("[p]\nAWS_Access_Key_Id:\(exampleID)\naws_SECRET_access_key=\(exampleSecret)", "p"),
            ("[p]\r\n  aws_access_key_id=\(exampleID)\r\n  aws_secret_access_key=\(exampleSecret)\r\n", "p"),
            ("[p]\raws_access_key_id=\(exampleID)\r# c\raws_secret_access_key=\(exampleSecret)\r", "p"),
            ("[p]\ns3 =\n  aws_access_key_id = X\n\n# c\n  region = y\n\(key)", "p"),
            ("[p]\nrole_arn = x\n    aws_secret_access_key = Y\n\(key)", "p"),
            ("[p]\noutput=a\noutput=b\n\(key)", "p"),
            ("\u{FEFF}[p]\n\(key)", "p"),
        ])
    func reads(content: String, profile: String) throws {
        let document = try parse(content)
        #expect(document.problems == [])
        #expect(document.pairs == ["\(exampleID):\(exampleSecret)"])
        #expect(document.keys.map(\.profile) == [profile])
        #expect(document.keys.map(\.region) == [nil])
    }

    @Test(
        "'#' and ';' inside of a value belong to it",
        arguments: ["a#b", "a;b", "#a", "a=b:c", "%(x)s", "\"q\""])
    func keepsValuesWhole(secret: String) throws {
        let document = try parse("[p]\naws_access_key_id=\(exampleID)\naws_secret_access_key = \(secret) \n")
        #expect(document.pairs == ["\(exampleID):\(secret)"])
    }

    @Test("token, region and account come with the key of their section, each with its line")
    func readsSections() throws {
        let document = try parse(
            """
            [sso-session x]
            sso_region = eu-west-1
            [empty]

            [one]
            \(Self.key)region = eu-central-1
            aws_account_id = 000000000001
            [two]
            aws_access_key_id = \(temporaryID)
            aws_secret_access_key = \(exampleSecret)
            aws_security_token = tok
            aws_session_token = tok
            """)
        #expect(document.problems == [])
        #expect(document.keys.map(\.line) == [5, 10])
        #expect(document.keys.map(\.region) == ["eu-central-1", nil])
        #expect(document.keys.map(\.accountID) == ["000000000001", "029608264753"])
        #expect(document.text(document.keys[1].sessionToken) == "tok")
    }

    @Test(
        "what cannot be read without a doubt is a problem with its line",
        arguments: [
            ("[p]\n\(key)aws_secret_access_key = x\n", 4, "set twice"),
            ("[p]\n\(key)AWS_ACCESS_KEY_ID = x\n", 4, "set twice"),
            ("[p]\naws_access_key_id = \(exampleID)\n", 1, "secret access key is missing"),
            ("[p]\naws_secret_access_key = \(exampleSecret)\n", 1, "profile 'p'"),
            ("[p]\naws_access_key_id = \(exampleID)\naws_secret_access_key = a\n  b\n", 4, "second line"),
            ("[p]\n\(key)aws_session_token = a\naws_security_token = b\n", 1, "differ"),
            ("[p]\n\(key)region = a.example.com/\n", 1, "region"),
            ("[p]\n\(key)aws_account_id = 12\n", 1, "12 digits"),
            ("[DEFAULT]\n\(key)", 1, "[default]"),
            ("[\u{1B}c]\n\(key)", 1, "control characters"),
            ("[p]\n[ ]\n\(key)", 2, "empty"),
            ("[p]\n[dev\n\(key)", 2, "']'"),
            ("[p]\nnonsense\n", 2, "nor a setting"),
            ("[p]\n = x\n", 2, "nor a setting"),
            ("[p]\n# \(String(repeating: "x", count: 70_000))\n", 2, "longer than"),
        ])
    func reports(content: String, line: Int, word: String) throws {
        let problem = try parse(content).onlyProblem()
        #expect(problem.line == line)
        #expect(problem.reason.contains(word))
    }

    @Test(
        "a second section of a profile is a problem and its key is not taken",
        arguments: ["[p]", "[profile p]"])
    func reportsSecondSection(header: String) throws {
        let document = try parse(
            "[p]\n\(Self.key)\(header)\naws_access_key_id=\(otherID)\naws_secret_access_key=\(otherSecret)\n")
        #expect(document.pairs == ["\(exampleID):\(exampleSecret)"])
        #expect(document.problems.map(\.line) == [4])
    }

    @Test("the name of a profile is escaped where a problem tells it")
    func escapesProfile() throws {
        let reason = try parse("[a\u{202E}b]\naws_access_key_id=\(exampleID)\n").onlyProblem().reason
        #expect(reason.contains("a\\u{202e}b"))
    }
}
