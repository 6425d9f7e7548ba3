import AWSConfigGrammar
import CredentialImport
import Platform
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
            ("  [ prod ] # rest\n\(key)", " prod "),
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
            ("[p]\n\(key)aws_session_token = a\naws_security_token = b\n", 5, "differ"),
            ("[p]\n\(key)aws_session_token = a\naws_security_token =\n", 5, "differ"),
            ("[p]\n\(key)region = a.example.com/\n", 4, "region"),
            ("[p]\n\(key)region = \(String(repeating: "a", count: 64))\n", 4, "invalid region"),
            ("[p]\n\(key)region = eu-central-1b\n", 4, "its region is eu-central-1"),
            ("[p]\n\(key)aws_account_id = 12\n", 4, "12 digits"),
            ("[DEFAULT]\n\(key)", 2, "[default]"),
            ("[p]\nregion = x\n  aws_access_key_id = \(exampleID)\n", 3, "indented"),
            ("[p]\nexport AWS_ACCESS_KEY_ID = \(exampleID)\n", 2, "export"),
            ("[\u{1B}c]\n\(key)", 1, "control characters"),
            ("[p]\n[ ]\n\(key)", 2, "empty"),
            ("[\0é]\n\(key)", 1, "control characters"),
            ("[p]\n\(key)aws_session_token = a\0b\n", 4, "printable"),
            ("[p]\n[dev\n\(key)", 2, "closing bracket"),
            ("[p]\nnonsense\n", 2, "nor a setting"),
            ("[p]\n = x\n", 2, "nor a setting"),
        ])
    func reports(content: String, line: Int, word: String) throws {
        let problem = try parse(content).onlyProblem()
        #expect(problem.line == line)
        #expect(problem.reason.contains(word))
    }

    @Test(
        "of two sections of a profile the one that botocore reads counts, and the other is a problem",
        arguments: [
            ("[p]", "[p]", true), ("[profile p]", "[profile \"p\"]", false), ("[p]", "[profile p]", false),
            ("[profile p]", "[p]", true), ("[profile default]", "[default]", false),
        ])
    func reportsSecondSection(first: String, second: String, isFirst: Bool) throws {
        let document = try parse(
            "\(first)\n\(Self.key)\(second)\naws_access_key_id=\(otherID)\naws_secret_access_key=\(otherSecret)\n"
        )
        #expect(
            document.pairs == [isFirst ? "\(exampleID):\(exampleSecret)" : "\(otherID):\(otherSecret)"])
        #expect(document.problems.map(\.line) == [isFirst ? 4 : 1])
    }

    @Test(
        "the file's name tells which of the two files it is, and else its sections do",
        arguments: [
            ("[profile p]", "credentials", "profile p", ConfigKind.credentials),
            ("[profile p]", "/home/a/.aws/config", "p", .config), ("[profile p]", nil, "p", .config),
            ("[p]", "old.ini", "p", .credentials), ("[p]", "config", "p", .config),
            ("[sso-session s]\n[default]", nil, "default", .config),
        ] as [(String, String?, String, ConfigKind)])
    func tellsKind(header: String, fileName: String?, profile: String, kind: ConfigKind) throws {
        let document = try parse("\(header)\n\(Self.key)", fileName: fileName)
        #expect(document.keys.map(\.profile) == [profile])
        #expect(document.settingsKind == kind)
        #expect(document.notes.isEmpty != (header == "[p]" && kind == .config))
    }

    @Test("a file of the AWS CLI is never taken for something else", arguments: ["credentials", "config"])
    func knowsName(fileName: String) throws {
        let problem = try parse("Access key ID\n", fileName: fileName).onlyProblem()
        #expect(problem.line == 1 && problem.reason.contains("before the first"))
    }

    @Test("a part of a key that comes from [DEFAULT] is told for each profile that would inherit it")
    func refusesInheritance() throws {
        let document = try parse("[DEFAULT]\naws_session_token = t\nregion = eu-west-1\n[p]\n\(Self.key)")
        #expect(document.keys.isEmpty && document.problems.map(\.line) == [4])
        let region = try parse("[DEFAULT]\nregion = eu-west-1\n[p]\n\(Self.key)[q]\nregion=x\n")
        #expect(region.keys.map(\.region) == ["eu-west-1"])
    }

    @Test(
        "what keeps the AWS CLI from reading a file that holds a key is noted",
        arguments: [
            "\u{FEFF}[p]\n\(key)", "[p]\n\(key)output=a\noutput=b\n", "[p]\n\(key)s3 =\n  x\n",
            "[p]\n\(key)[q]\n[q]\n", "[p]\ns3 =\n  aws_access_key_id = x\n\(key)",
            "[p]\n\(key)[q]\naws_session_token = t\n",
        ])
    func notes(content: String) throws {
        let document = try parse(content)
        #expect(document.pairs == ["\(exampleID):\(exampleSecret)"] && document.problems == [])
        #expect(document.notes.count == 1)
        #expect(try parse("[p]\n\(Self.key)").notes.isEmpty)
    }

    @Test(
        "the end that a tool notes beside temporary credentials is kept",
        arguments: [
            "x_security_token_expires", "aws_expiration", "aws_credential_expiration",
            "aws_session_expiration",
            "expiration", "Expiration", "aws_session_token_expiration", "aws_credentials_expiry",
        ])
    func keepsExpiration(name: String) throws {
        let session = "[p]\n\(Self.key)aws_session_token = t\n"
        let key = try #require(try parse(session + "\(name) = 2021-01-17T19:20:09+01:00\n").keys.first)
        #expect(key.expiration == 1_610_907_609)
        let problem = try parse(session + "\(name) = 2019-01-17 19:20:09\n").onlyProblem()
        #expect(problem.line == 5 && problem.reason.contains(LocalTime.text(1_547_752_809)))
        #expect(try parse(session + "\(name) = soon\n").onlyProblem().line == 5)
        // A key without a session token has no end, whatever a tool left beside it.
        #expect(try parse("[p]\n\(Self.key)\(name) = 2019-01-17 19:20:09\n").keys.map(\.expiration) == [nil])
    }

    @Test("the MFA device beside a key is told")
    func tellsDevice() throws {
        let device = "arn:aws:iam::123456789012:mfa/me"
        #expect(try parse("[p]\n\(Self.key)mfa_serial = \(device)\n").keys.map(\.mfaSerial) == [device])
    }

    @Test("the name of a profile is escaped where a problem tells it")
    func escapesProfile() throws {
        let reason = try parse("[a\u{202E}b]\naws_access_key_id=\(exampleID)\n").onlyProblem().reason
        #expect(reason.contains("a\\u{202e}b"))
    }
}
