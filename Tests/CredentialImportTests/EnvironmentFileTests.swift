import CredentialImport
import Testing

@Suite("Files of AWS_… variables")
struct EnvironmentFileTests {
    private static let id = "AWS_ACCESS_KEY_ID=\(exampleID)\n"

    @Test(
        "a key is read as a shell reads it",
        arguments: [
            "\(id)AWS_SECRET_ACCESS_KEY=\(exampleSecret)",
            "export \(id)export\tAWS_SECRET_ACCESS_KEY='\(exampleSecret)'\n",
            "# mine\r\n\r\nAWS_SECRET_ACCESS_KEY=\"\(exampleSecret)\" # old\r\n  \(id)AWS_REGION=eu-west-1",
        ])
    func read(text: String) throws {
        let document = try parse(text, fileName: "/x/prod.env")
        #expect(document.format == .dotenv && document.pairs == ["\(exampleID):\(exampleSecret)"])
        #expect(document.problems.isEmpty && document.keys[0].suggestedName == "prod")
    }

    @Test("a session token, its expiration and the region come along; a hidden file gives its name")
    func temporary() throws {
        let text =
            "export AWS_ACCESS_KEY_ID=\(temporaryID)\nexport AWS_SECRET_ACCESS_KEY=\(exampleSecret)\n"
            + "export AWS_SESSION_TOKEN=\"abc/+=\"\nexport AWS_CREDENTIAL_EXPIRATION=2030-01-01T00:00:00Z\n"
            + "AWS_DEFAULT_REGION=eu-west-2\n"
        let document = try parse(text, fileName: ".env")
        #expect(document.text(document.keys.first?.sessionToken) == "abc/+=")
        #expect(
            document.keys.first?.expiration == 1_893_456_000 && document.keys.first?.region == "eu-west-2")
        #expect(document.keys.first?.suggestedName == "env")
    }

    @Test(
        "any other line is a problem, and is named",
        arguments: [
            ("exportAWS_SESSION_TOKEN=x", "not a variable"), ("NODE_ENV=x", "not a variable"),
            ("source lib", "not a variable"),
            ("unset AWS_REGION", "not a variable"),
            ("AWS_SESSION_TOKEN =x", "not a variable"), ("EXPORT AWS_SESSION_TOKEN=x", "not a variable"),
            ("aws_session_token=x", "not a variable"),
            ("AWS_SESSION_TOKEN=$T", "one word"), ("AWS_SESSION_TOKEN=\"a$T\"", "one word"),
            ("AWS_SESSION_TOKEN=`x`", "one word"), ("AWS_SESSION_TOKEN=a\\b", "one word"),
            ("AWS_SESSION_TOKEN='a", "one word"), ("AWS_SESSION_TOKEN='a'b", "one word"),
            ("AWS_SESSION_TOKEN=a b", "one word"), ("AWS_SESSION_TOKEN=a#b", "one word"),
            ("AWS_SESSION_TOKEN= a", "one word"), ("AWS_SESSION_TOKEN=a; x", "one word"),
            ("AWS_ACCESS_KEY_ID=\(otherID)", "twice"),
        ])
    func refused(line: String, reason: String) throws {
        let key = "\(Self.id)AWS_SECRET_ACCESS_KEY=\(exampleSecret)\n"
        let document = try parse("\(key)\(line)\n")
        #expect(document.problems.map(\.line) == [3] && document.problems[0].reason.contains(reason))
        #expect(document.pairs == ["\(exampleID):\(exampleSecret)"])
        guard reason != "twice" else { return }
        // One that was meant as such a line, and begins the file, refuses all of it.
        if let error = try refusal(of: "\(line)\n\(key)") {
            #expect(error == .settingsWithoutSection(line: 1))
        } else {
            #expect(try parse("\(line)\n\(key)").problems.map(\.line) == [1])
        }
    }

    @Test("half a key is a problem with its line")
    func half() throws {
        #expect(try parse("# x\n\(Self.id)").onlyProblem().line == 2)
        #expect(try parse("AWS_SECRET_ACCESS_KEY=\(exampleSecret)\n").onlyProblem().line == 1)
    }
}
