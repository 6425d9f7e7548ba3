import CredentialImport
import Testing

@Suite struct RefusalTests {
    static let wholeFiles: [(String, ImportError, String)] = [
        ("IAM User Name,Smtp Username,Smtp Password\nses,AKIAIOSFODNN7EXAMPLE,x", .smtpCredentials, "SES"),
        ("IAM user name,SMTP user name,SMTP password\n", .smtpCredentials, "not a secret access key"),
        ("Access key ID,SMTP password\n\(exampleID),x\n", .smtpCredentials, "SES"),
        ("API key\nABSKexample\n", .bedrockAPIKey, "Bedrock"),
        ("User name,API Key\na,b\n", .bedrockAPIKey, "Bedrock"),
        ("ABSKQmVkcm9ja0FQSUtleS1leGFtcGxl\n", .bedrockAPIKey, "Bedrock"),
        ("User Name,Password\nalice,x\n", .codeCommitCredentials, "CodeCommit"),
        ("Title,Url,Username,Password\nAWS,https://x,a,b\n", .passwordManager, "password manager"),
        ("name,url,username,password,note\nAWS,https://x,a,b,\n", .passwordManager, "password manager"),
        ("User name,Password,Console sign-in URL\na,b,https://x\n", .consolePassword, "console password"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n", .privateKey, "EC2 key pair"),
        ("\n-----BEGIN OPENSSH PRIVATE KEY-----\n", .privateKey, "private key"),
        ("PuTTY-User-Key-File-2: ssh-rsa\n", .privateKey, "private key"),
        (#"{"KeyName": "k", "KeyMaterial": "-----BEGIN"}"#, .privateKey, "EC2"),
        (#"{"AccessKeyMetadata": [{"AccessKeyId": "x"}]}"#, .keyListing, "without secrets"),
        (
            #"{"ServiceSpecificCredential": {"ServicePassword": "x"}}"#, .serviceSpecificCredential,
            "one service"
        ),
        ("User name,Access key ID\na,b\n", .missingColumn("Secret access key"), "Secret access key"),
        ("Name,Value\na,b\n", .missingKeyColumns, "'Access key ID' and 'Secret access key'"),
        ("Secret access key\nx\n", .missingColumn("Access key ID"), "Access key ID"),
        ("Access key ID,Secret access key,access_key_id\n", .duplicateColumn("Access key ID"), "twice"),
        ("\(exampleID),\(exampleSecret)\n", .noHeader, "no header"),
        ("Access key ID,Secret access key\n", .noKeys(.accessKeyCSV), "contains no access key"),
        ("[default]\nregion = eu-west-1\n", .noKeys(.ini), "settings file"),
        ("{}", .noKeys(.json), "JSON"),
        ("[]", .noKeys(.json), "JSON"),
        ("aws_access_key_id = x\n", .settingsWithoutSection(line: 1), "[section]"),
        ("# mine\nexport AWS_ACCESS_KEY_ID = x\n", .settingsWithoutSection(line: 2), "line 2"),
        ("[]", .noKeys(.json), "JSON"),
        ("AWSAccessKeyId=a\nAWSAccessKeyId=b\n", .duplicateColumn("AWSAccessKeyId"), "twice"),
        ("", .empty, "nothing"),
        ("\u{FEFF}\r\n \t\n", .empty, "nothing"),
        ("Dear diary,\nnothing\n", .notRecognised, "unknown file format"),
        ("Access key ID,\"Secret access key\n", .notRecognised, "unknown file format"),
        ("PK\u{3}\u{4}\u{0}", .binary, "not text"),
    ]

    @Test("a file without access keys is refused with the reason and a cure", arguments: wholeFiles)
    func refuses(content: String, error: ImportError, word: String) throws {
        let found = try #require(try refusal(of: content))
        #expect(found == error)
        #expect(found.description.contains(word))
        #expect(found.hint != nil)
    }

    // Not an argument of the test above: the report of a run shows those.
    @Test("a file of more lines than any has is refused")
    func tooManyLines() throws {
        let found = try #require(try refusal(of: String(repeating: "\n", count: 1 << 18) + "[a]\n"))
        #expect(
            found == .tooManyLines(limit: 1 << 18) && found.description.contains("lines") && found.hint != nil
        )
    }

    @Test("the file of a new user without keys says where the key file comes from")
    func tellsWhereKeysComeFrom() {
        #expect(ImportError.consolePassword.hint?.contains("NAME_accessKeys.csv") == true)
    }

    static let badRows = [
        ("\(exampleID),", "the secret access key is missing"),
        (",\(exampleSecret)", "the access key ID is missing"),
        ("\(exampleID)", "the secret access key is missing"),
        ("akiaiosfodnn7example,\(exampleSecret)", "capital letters"),
        ("\(exampleSecret),\(exampleID)", "capital letters"),
        ("AKIA,\(exampleSecret)", "16 to 128"),
        ("\(String(repeating: "A", count: 129)),\(exampleSecret)", "16 to 128"),
        ("\(temporaryID),\(exampleSecret)", "session token"),
        ("\(exampleID),two words", "printable"),
        ("\(exampleID),\"a\nb\"", "printable"),
        ("\(exampleID),schlüssel", "printable"),
        ("\(exampleID),\u{1B}[2J", "printable"),
        ("\(exampleID),\(String(repeating: "a", count: 4097))", "4096"),
        ("\(exampleID),\(String(repeating: "a", count: 65_536))", "longer"),
        ("\(exampleID),\"\(exampleSecret)\"x", "closing quotation mark"),
        ("\(exampleID),\"\(exampleSecret)", "not closed"),
    ]

    @Test("a bad row is a problem with its line, and the rest is kept", arguments: badRows)
    func reportsRow(row: String, word: String) throws {
        let document = try parse(
            "Access key ID,Secret access key\n\(otherID),\(otherSecret)\n\(row)\n", fileName: nil)
        #expect(document.pairs == ["\(otherID):\(otherSecret)"])
        #expect(document.problems.map(\.line) == [3])
        #expect(document.problems.first?.reason.contains(word) == true)
    }

    @Test("a problem never repeats what stands in the row", arguments: badRows)
    func keepsSecretsOut(row: String, word: String) throws {
        let document = try parse("Access key ID,Secret access key\n\(row)\n")
        let reason = try document.onlyProblem().reason
        #expect(!reason.contains(exampleSecret) && !reason.contains("two words"))
        #expect(reason.unicodeScalars.allSatisfy { $0.value >= 0x20 })
    }

    @Test(
        "a user name with control characters or broken UTF-8 is a problem",
        arguments: [
            [0x61, 0x1B, 0x5B] as [UInt8], [0x7F], [0xC2, 0x85], [0xFF], [0xC0, 0xAF],
            [0x61, 0x22, 0x0A, 0x22],
        ])
    func refusesHostileUser(name: [UInt8]) throws {
        let row =
            Array("User name,Access key ID,Secret access key\n\"".utf8)
            + name.flatMap { $0 == 0x22 ? [$0, $0] : [$0] }
            + Array("\",\(exampleID),\(exampleSecret)\n".utf8)
        let problem = try parse(row).onlyProblem()
        #expect(problem.reason.contains("user name") && problem.line == 2)
    }
}
