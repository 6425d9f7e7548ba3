import AWSConfigGrammar
import Platform
import Testing

@testable import AWSConfigFile

@Suite("Taking an edit back")
struct UndoTests {
    private func record() throws -> UndoRecord {
        let old = try document("[profile target]\nregion = é x")
        return try #require(try configured(old, settings(region: "eu-x"))).undo
    }

    @Test("a record read back is the same record")
    func encoding() throws {
        let empty = try document("", exists: false)
        for record in [try record(), try #require(try configured(empty, settings())).undo] {
            let text = record.encoded(path: "/a b/config")
            #expect(UndoRecord(text, path: "/a b/config", profile: "target") == record)
            #expect(UndoRecord(text, path: "/other", profile: "target") == nil)
            #expect(UndoRecord(text, path: "/a b/config", profile: "default") == nil)
        }
    }

    @Test("a record with any byte changed is either refused or says what it was made to say")
    func damage() throws {
        let text = Array(try record().encoded(path: "/c").utf8)
        for index in text.indices {
            for byte in [UInt8(ascii: "0"), UInt8(ascii: "\n"), UInt8(ascii: " "), 0xFF]
            where byte != text[index] {
                var damaged = text
                damaged[index] = byte
                guard let read = String(validating: damaged, as: UTF8.self),
                    let parsed = UndoRecord(read, path: "/c", profile: "target")
                else { continue }
                #expect(parsed.encoded(path: "/c") == read)
            }
            #expect(
                UndoRecord(String(decoding: text[..<index], as: UTF8.self), path: "/c", profile: "target")
                    == nil)
        }
    }

    @Test("a record cannot bring lines of its own into the file")
    func injection() throws {
        let old = try document("[profile target]\nregion = x\n")
        let text = try #require(try configured(old, settings(region: "eu-x"))).undo.encoded(path: "/c")
        let hexed = text.replacing(" 78 ", with: " 780a5b6578 ")
        #expect(hexed != text)
        #expect(UndoRecord(hexed, path: "/c", profile: "target") == nil)
    }

    /// A record as text, from lines like those that ``UndoRecord/encoded(path:)`` writes, texts in clear.
    private func forged(_ lines: String...) -> String {
        func hex(_ text: some StringProtocol) -> String {
            text.isEmpty
                ? "-" : text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        let body = lines.map { line in
            let words = line.split(separator: "|", omittingEmptySubsequences: false)
            return ([String(words[0])] + words.dropFirst().map { hex($0) }).joined(separator: " ")
        }
        return
            (["sealring-undo 1", "path \(hex("/c"))", "profile \(hex("target"))", "created 0"] + body + [
                "end\n"
            ])
            .joined(separator: "\n")
    }

    @Test("a record from elsewhere cannot put a command into the file")
    func plantedCommand() throws {
        func record(_ lines: String...) -> UndoRecord? {
            let text = lines.count == 1 ? forged(lines[0]) : forged(lines[0], lines[1])
            return UndoRecord(text, path: "/c", profile: "target")
        }
        let new = "\(helper) prod"
        // The forms themselves are read; only what they would put back is refused.
        #expect(record("replaced region|us-x|eu-x") != nil)
        #expect(record("replaced credential_process||\(new)") != nil)
        #expect(record("replaced credential_process|\(helper) other|\(new)") != nil)
        let command = "takeover 1|credential_process = \(new)|role_arn = r"
        #expect(record(command, "removed 2|\n|source_profile = base") != nil)
        for evil in [
            "/tmp/evil x", "\(helper) ;evil", "\(helper) a b", "\(helper)", "sh -c evil",
            "/tmp/sealring-credential-process prod",
        ] {
            #expect(record("replaced credential_process|\(evil)|\(new)") == nil)
            #expect(record("commented credential_process|\(evil)|\(new)") == nil)
            #expect(record("takeover 1|credential_process = \(new)|credential_process = \(evil)") == nil)
            #expect(record(command, "removed 2|\n|credential_process = \(evil)") == nil)
            #expect(record(command, "removed 2|\n| Credential_Process: \(evil)") == nil)
        }
        for line in [
            "sso_session = x", "credential_source = Environment", "s3 =", "[profile x]", "# x",
            "aws_access_key_id = x",
        ] {
            #expect(record(command, "removed 2|\n|\(line)") == nil)
        }
        #expect(record("inserted role_arn||role_arn = x") == nil)
    }

    @Test(
        "a replaced command comes back from the file itself",
        arguments: ["", "\n", "\r\n", "\nregion = x\n# end", "\n\n[z]\n"])
    func keptCommand(rest: String) throws {
        let original = "[profile target]\n credential_process  =  /opt/tool --x 'a b' " + rest
        let old = try document(original)
        let wanted = try settings(region: "eu-x", output: "json")
        let first = try #require(try configured(old, wanted, replacingForeignProcess: true))
        let text = String(decoding: first.bytes, as: UTF8.self)
        #expect(
            text.contains(
                "\(helper) prod \(rest.utf8.first == 0x0D ? "\r" : "")\n# sealring replaced: credential_process = /opt/tool --x 'a b'"
            ))
        let encoded = first.undo.encoded(path: "/c")
        #expect(UndoRecord(encoded, path: "/c", profile: "target") == first.undo)
        #expect(!encoded.contains("2f6f7074"), "the record does not know the command")
        #expect(try undone(first.bytes, first.undo) == Array(original.utf8))
        // A second edit keeps the first command, and both go back.
        let now = try document(first.bytes)
        let second = try #require(
            try configured(now, settings("other", region: "ap-y"), earlier: [first.undo]))
        #expect(String(decoding: second.bytes, as: UTF8.self).components(of: "sealring replaced") == 1)
        #expect(try undone(second.bytes, second.undo) == Array(original.utf8))
        // A setting that comes later stands below the comment, which stays with its line.
        let bare = try #require(try configured(old, settings(), replacingForeignProcess: true))
        let later = try document(bare.bytes)
        let third = try #require(
            try configured(later, settings("other", output: "json"), earlier: [bare.undo]))
        #expect(try undone(third.bytes, third.undo) == Array(original.utf8))
        // Without its comment the record fits nothing.
        let edited = text.replacing("# sealring replaced", with: "# replaced")
        #expect(try undone(Array(edited.utf8), first.undo) == nil)
    }

    @Test("a setting that a person added stays, and so does its section")
    func addedSettings() throws {
        let old = try document("[default]\n")
        let result = try #require(try configured(old, settings()))
        let text = String(decoding: result.bytes, as: UTF8.self)
        for added in [
            text + "output = json\n",
            text.replacing("credential_process", with: "output = json\ncredential_process"),
        ] {
            #expect(try undone(Array(added.utf8), result.undo) == nil)
            let now = try document(added)
            guard let edit = try now.removeCommand(of: "target") else {
                Issue.record("the command was not found")
                continue
            }
            #expect(edit.document.plainText == "[default]\n\n[profile target]\noutput = json\n")
        }
        // A comment below is not ours either, and does not keep the section.
        #expect(try undone(Array((text + "# mine\n").utf8), result.undo) == Array("[default]\n# mine\n".utf8))
    }

    @Test(
        "an edit is taken back to the byte though the file grew around it",
        arguments: [
            ("", "\n[profile later]\nx = 1\n"), ("# top\n", ""), ("", "# end"),
            ("[a]\nx = 1\n", "[b]\ny = 2"),
        ])
    func grown(before: String, after: String) throws {
        for original in ["[default]\nregion = x\n", "[default]\r\nregion = x\r\n\r\n"] {
            let old = try document(original)
            let result = try #require(try configured(old, settings(region: "eu-x")))
            let grown = Array(before.utf8) + result.bytes + Array(after.utf8)
            #expect(try undone(grown, result.undo) == Array((before + original + after).utf8))
        }
    }

    @Test("the line end that the file lacked stays when something follows now")
    func glue() throws {
        for original in ["[default]\nregion = x", "[profile target]\nregion = x"] {
            let old = try document(original)
            let result = try #require(try configured(old, settings()))
            #expect(try undone(result.bytes, result.undo) == Array(original.utf8))
            let grown = result.bytes + Array("[z]\n".utf8)
            #expect(try undone(grown, result.undo) == Array((original + "\n[z]\n").utf8))
        }
    }

    @Test("an edited line, or a line more in our section, makes the record unfit")
    func edited() throws {
        let old = try document("[default]\n")
        let result = try #require(try configured(old, settings(region: "eu-x")))
        let text = String(decoding: result.bytes, as: UTF8.self)
        for edited in [
            text.replacing("eu-x", with: "eu-y"), text.replacing(" prod", with: " other"),
            text + "output = json\n",
            text + "[profile target]\n", text.replacing("\n\n", with: "\n"),
            text.replacing("target]", with: "target ]"),
            text.replacing("region", with: "# mine\nregion"), text.replacing("eu-x", with: "eu-x\n  more"),
        ] {
            #expect(try undone(Array(edited.utf8), result.undo) == nil, "\(edited)")
        }
    }

    @Test("without a record our command goes, and the section when nothing else is in it")
    func withoutRecord() throws {
        func removed(_ text: String) throws -> String? {
            let document = try document(text)
            guard let edit = try document.removeCommand(of: "target") else { return nil }
            return edit.document.plainText
        }
        let ours = "credential_process = \(helper) prod\n"
        #expect(try removed("[a]\n[profile target]\n\(ours)\n[b]\n") == "[a]\n\n[b]\n")
        #expect(try removed("[profile target]\nregion = x\n\(ours)") == "[profile target]\nregion = x\n")
        #expect(try removed("[profile target]\n# mine\n\(ours)") == "[profile target]\n# mine\n")
        #expect(try removed("[profile target]\n\(ours)[profile \"target\"]\n\(ours)") == "")
        #expect(try removed("[profile target]\ncredential_process = /opt/tool\n") == nil)
        #expect(try removed("[profile other]\n\(ours)") == nil)
        #expect(throws: AWSConfigError.settingOverLines(name: "credential_process", line: 2)) {
            _ = try removed("[profile target]\n\(ours)  more\n")
        }
    }
}

extension String {
    fileprivate func components(of text: String) -> Int {
        split(separator: text, omittingEmptySubsequences: false).count - 1
    }
}
