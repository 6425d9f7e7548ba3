import CredentialImport
import SecureMemory
import TestSupport
import Testing

@Suite struct HostileTests {
    static let valid = [
        "User name,Password,Access key ID,Secret access key\r\nb,\"a,\"\"\r\n\",\(exampleID),\"\(exampleSecret)\"\r\n",
        "[profile \"p\"]\ns3 =\n  x = y\naws_access_key_id = \(exampleID)\naws_secret_access_key = \(exampleSecret)\n",
        #"[{"Credentials": {"AccessKeyId": "\u0041\ud83d\ude00", "SecretAccessKey": "x", "n": [-1.5e3, true, null]}}]"#,
        "AWSAccessKeyId=\(exampleID)\r\nAWSSecretKey=\(exampleSecret)\r\n",
    ]

    @Test("a file cut at any byte is read or refused", arguments: valid)
    func survivesTruncation(content: String) throws {
        let bytes = [UInt8](content.utf8)
        let utf16 = EncodingTests.utf16(content, .little)
        for source in [bytes, utf16] {
            for count in 0..<source.count {
                do {
                    let document = try parse(Array(source.prefix(count)))
                    for key in document.keys { #expect(document.text(key.secretAccessKey)?.isEmpty == false) }
                } catch is ImportError {}
            }
        }
    }

    @Test(
        "a file with any byte changed is read or refused, and no text of it steers a terminal",
        arguments: valid)
    func survivesMutation(content: String) throws {
        var random = SeededRandom(seed: 7)
        let bytes = [UInt8](content.utf8)
        for _ in 0..<2000 {
            var mutated = bytes
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let index = Int.random(in: 0..<mutated.count, using: &random)
                let interesting =
                    [0x0A, 0x0D, 0x1B, 0x20, 0x22, 0x2C, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D, 0x9B, 0xFF] as [UInt8]
                mutated[index] = interesting.randomElement(using: &random) ?? 0
            }
            do {
                let document = try parse(mutated)
                for problem in document.problems { #expect(isPlain(problem.reason)) }
                for key in document.keys {
                    #expect(isPlain(key.userName ?? "") && isPlain(key.profile ?? ""))
                    #expect(isEntryName(key.suggestedName))
                }
            } catch let error as ImportError {
                #expect(isPlain(error.description))
            }
        }
    }

    static let names = [
        "-rf", "--", "../../etc/passwd", "a\"b", "a'b", "$(id)", "`id`", "a;b", "a|b", "%s%n", "{}", "[x]",
        "=cmd()",
        "@SUM(1)", "\\", "a\\nb", "*", "~", "#", "\u{202E}evil", "\u{FEFF}", "👩‍👩‍👧", "e\u{301}", "nul\u{2028}x",
        "<script>",
        String(repeating: "n", count: 4096), String(repeating: "ü", count: 2048),
    ]

    @Test("any user name or profile gives a valid name for the entry and comes back whole", arguments: names)
    func takesNames(name: String) throws {
        let quoted = name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        let table = try parse(
            "User name,Access key ID,Secret access key\n\"\(quoted)\",\(exampleID),\(exampleSecret)\n")
        #expect(table.keys.map(\.userName) == [name])
        #expect(table.keys.allSatisfy { isEntryName($0.suggestedName) })
        let settings = try parse(
            "[first]\n[\(name)]\naws_access_key_id=\(exampleID)\naws_secret_access_key=\(exampleSecret)\n")
        #expect(settings.keys.map(\.profile) == [name])
        #expect(settings.keys.allSatisfy { isEntryName($0.suggestedName) })
    }

    @Test(
        "the name of the file may be anything",
        arguments: names + ["", "/", "a/", ".csv", "..", "_accessKeys.csv"])
    func takesFileNames(name: String) throws {
        let document = try parse(
            "Access key ID,Secret access key\n\(exampleID),\(exampleSecret)", fileName: name)
        #expect(document.keys.allSatisfy { isEntryName($0.suggestedName) })
    }

    @Test(
        "fields at their bound are taken, past it they are problems",
        arguments: [(4096, 6144, 4096, true), (4097, 1, 1, false), (1, 6145, 1, false), (1, 1, 4097, false)])
    func boundsFields(secret: Int, token: Int, user: Int, isTaken: Bool) throws {
        let field = { (count: Int) in String(repeating: "x", count: count) }
        let document = try parse(
            "User name,Access key ID,Secret access key,Session token\n"
                + "\(field(user)),\(exampleID),\(field(secret)),\(field(token))\n")
        #expect(document.keys.isEmpty != isTaken)
        #expect(document.problems.isEmpty == isTaken)
    }

    @Test("a field of one megabyte is a problem or a refusal wherever it stands")
    func refusesHugeFields() throws {
        let huge = String(repeating: "A", count: 1 << 20)
        let header = "User name,Access key ID,Secret access key\n"
        for row in [
            "\(huge),\(exampleID),x", "u,\(huge),x", "u,\(exampleID),\(huge)", "u,\(exampleID),x,\"\(huge)\"",
        ] {
            #expect(try parse(header + row).onlyProblem().line == 2)
        }
        #expect(try refusal(of: huge + header) == .notRecognised)
        #expect(try parse("[\(huge)]\naws_access_key_id=x\n").onlyProblem().reason.contains("too long"))
        #expect(try refusal(of: "[p]\n\(huge) = x\n") == .noKeys(.ini))
        for name in ["aws_access_key_id", "aws_secret_access_key", "region", "aws_account_id"] {
            let rest = SettingsFileTests.key.split(separator: "\n").filter { !$0.hasPrefix(name) }
            let text = "[p]\n\(rest.joined(separator: "\n"))\n\(name) = \(huge)\n"
            #expect(try parse(text).onlyProblem().line == text.count { $0 == "\n" })
        }
        #expect(try refusal(of: "{\"\(huge)\": 1}")?.description.contains("longer") == true)
    }

    @Test("4096 keys are taken, one more key or bad row is refused")
    func boundsKeys() throws {
        let rows = String(repeating: "\(exampleID),\(exampleSecret)\n", count: 4096)
        let table = "Access key ID,Secret access key\n" + rows
        #expect(try parse(table).keys.count == 4096)
        #expect(try refusal(of: table + "x\n") == .tooManyEntries(limit: 4096))
        #expect(
            try refusal(of: "[p]\n" + String(repeating: "x\n", count: 5000)) == .tooManyEntries(limit: 4096))
    }

    @Test("four mebibytes are read, one byte more is refused")
    func boundsFile() throws {
        let table = "Access key ID,Secret access key\n\(exampleID),\(exampleSecret)\n"
        #expect(ImportLimits.fileBytes == 4_194_304)
        let padding = String(repeating: "\n", count: ImportLimits.fileBytes - table.utf8.count)
        #expect(try parse(table + padding).keys.count == 1)
        #expect(try refusal(of: table + padding + "\n") == .tooLarge(limit: ImportLimits.fileBytes))
    }

    @Test(
        "files that ask for much work for their size end soon",
        arguments: [",", "\"", ";", "[a]\n", "{}", "{\"a\":{", "[[", "[p]\n =\n", "\\", "smtp"])
    func staysLinear(piece: String) throws {
        let content = String(repeating: piece, count: (256 << 10) / piece.utf8.count)
        let clock = ContinuousClock()
        for prefix in ["", "Access key ID,Secret access key\n", "[p]\n", "{\"a\":["] {
            let start = clock.now
            _ = try? parse(prefix + content)
            #expect(clock.now - start < .seconds(20))
        }
    }

    @Test("an object with very many names is read in good time")
    func readsManyNames() throws {
        var names = "{\"a\":1"
        for index in 0..<20_000 { names += ",\"\(index)\":1" }
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try refusal(of: names + "}") == .noKeys(.json))
        #expect(clock.now - start < .seconds(20))
    }
}

private func isPlain(_ text: String) -> Bool {
    text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
}

private func isEntryName(_ name: String) -> Bool {
    name.wholeMatch(of: /[A-Za-z][A-Za-z0-9._@+\/-]{0,127}/) != nil
}
