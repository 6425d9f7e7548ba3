import Testing

@testable import AWSConfigFile
import AWSConfigGrammar

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

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
