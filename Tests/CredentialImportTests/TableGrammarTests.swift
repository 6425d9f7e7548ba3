import CredentialImport
import TestSupport
import Testing

@Suite struct TableGrammarTests {
    static let header = "Access key ID,Secret access key"

    @Test(
        "quotes, line ends, separators and the order of columns do not matter",
        arguments: [
            "\(header)\r\n\(exampleID),\(exampleSecret)\r\n",
            "\(header)\r\(exampleID),\(exampleSecret)\r",
            "\(header)\n\(exampleID),\(exampleSecret)\n\n\r\n  \n,,\n",
            "\n\n\(header)\n\n\(exampleID),\(exampleSecret)",
            "\u{FEFF}\(header)\n\(exampleID),\(exampleSecret)\n",
            "\(header)\n\"\(exampleID)\",\"\(exampleSecret)\"\n",
            "\(header)\n \(exampleID)\t, \" \(exampleSecret) \" \n",
            "Access key ID;Secret access key\n\(exampleID);\(exampleSecret)\n",
            "\"Access key ID\";\"Secret access key\";\"a,b,c\"\n\(exampleID);\(exampleSecret)\n",
            "SECRET ACCESS KEY,access key id\n\(exampleSecret),\(exampleID)\n",
            "aws_secret_access_key,aws_access_key_id\n\(exampleSecret),\(exampleID)\n",
            "x,Access key ID,Password,Secret access key\n,\(exampleID),\"\"\"a\"\",\r\nb\",\(exampleSecret)\n",
            "x,Access key ID,Password,Secret access key\n,\(exampleID),a\"b\"c,\(exampleSecret)\n",
            "\(header),Console login link\n\(exampleID),\(exampleSecret)\n",
            "\(header)\n\(exampleID),\(exampleSecret),more,and more\n",
        ])
    func reads(content: String) throws {
        let document = try parse(content)
        #expect(document.pairs == ["\(exampleID):\(exampleSecret)"])
        #expect(document.problems == [])
    }

    @Test("doubled quotes in a quoted secret are one quote each")
    func unescapesQuotes() throws {
        let document = try parse("\(Self.header)\n\(exampleID),\"\"\"a\"\"\"\"b,;\"\"\"\n")
        #expect(document.pairs == ["\(exampleID):\"a\"\"b,;\""])
        #expect(document.keys[0].warnings == [.unusualSecret])
    }

    @Test("rows are counted by the lines of the file", arguments: ["\n", "\r", "\r\n"])
    func countsLines(end: String) throws {
        let rows = [
            "x,Access key ID,Secret access key", "\"a\(end)b\(end)\",\(exampleID),\(exampleSecret)", "",
            "y,,",
        ]
        let document = try parse(rows.joined(separator: end))
        #expect(document.keys.map(\.line) == [2])
        #expect(document.problems.map(\.line) == [6])
    }

    @Test("a session token in a column of its own comes with temporary credentials")
    func readsToken() throws {
        let document = try parse(
            "\(Self.header),Session token\n\(temporaryID),\(exampleSecret),tok+/=\n\(exampleID),\(exampleSecret),\n"
        )
        #expect(document.keys.map { $0.sessionToken == nil } == [false, true])
        #expect(document.text(document.keys[0].sessionToken) == "tok+/=")
    }

    struct Row: Equatable {
        var user: String
        var id: String
        var secret: String
    }

    @Test(
        "what is encoded is read back, whatever the quoting, the separator and the order", arguments: 0..<200)
    func roundTrips(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let rows = (0..<Int.random(in: 1...20, using: &random)).map { _ in Self.row(&random) }
        let separator = Bool.random(using: &random) ? "," : ";"
        let end = ["\n", "\r", "\r\n"].randomElement(using: &random) ?? "\n"
        let order = [0, 1, 2, 3].shuffled(using: &random)
        let lines =
            [["User name", "Access key ID", "Secret access key", "Password"]]
            + rows.map { [$0.user, $0.id, $0.secret, Self.text(20, &random)] }
        let content = lines.map { line in
            order.map { Self.encoded(line[$0], separator, &random) }.joined(separator: separator)
        }.joined(separator: end)

        let document = try parse(content)
        #expect(document.problems == [])
        var found: [Row] = []
        for key in document.keys {
            found.append(
                Row(
                    user: key.userName ?? "", id: key.accessKeyID,
                    secret: document.text(key.secretAccessKey) ?? ""))
        }
        #expect(found == rows)
    }

    private static func row(_ random: inout SeededRandom) -> Row {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
        let id = (0..<Int.random(in: 16...128, using: &random)).map { _ in
            letters.randomElement(using: &random) ?? "A"
        }
        let secret = (0..<Int.random(in: 1...60, using: &random)).map { _ in
            Character(Unicode.Scalar(UInt8.random(in: 0x21...0x7E, using: &random)))
        }
        let user = Array("aü, ;\"日#'").shuffled(using: &random).prefix(Int.random(in: 0...9, using: &random))
        return Row(user: String(user).trimmed, id: "K" + String(id.dropFirst()), secret: String(secret))
    }

    private static func text(_ count: Int, _ random: inout SeededRandom) -> String {
        String(
            (0..<count).map { _ in "ab,;\"\n\r 1".unicodeScalars.randomElement(using: &random) ?? "a" }.map(
                Character.init))
    }

    private static func encoded(_ field: String, _ separator: String, _ random: inout SeededRandom)
        -> String
    {
        let mustQuote = field.unicodeScalars.contains { "\"\n\r,;".unicodeScalars.contains($0) }
        guard mustQuote || Bool.random(using: &random) else { return field }
        return "\"" + field.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
    }
}

extension String {
    /// Without spaces at the ends.
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
