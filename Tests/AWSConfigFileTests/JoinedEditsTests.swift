import AWSConfigGrammar
import Testing

@testable import AWSConfigFile

@Suite("Several edits of one file, shown as one")
struct JoinedEditsTests {
    /// What the splices make of a text.
    private func applied(_ splices: [Splice], to text: String) -> String {
        var bytes = Array(text.utf8)
        for splice in splices.reversed() {
            bytes.replaceSubrange(splice.range, with: Array(splice.text.utf8))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private let first = "0123456789"

    @Test(
        "they have the same outcome as one after the other",
        arguments: [
            [[Splice(range: 2..<4, text: "abc")], [Splice(range: 7..<8, text: "")]],
            // In what the first one has written, over its edges, and all of it.
            [[Splice(range: 2..<4, text: "abc")], [Splice(range: 3..<4, text: "XY")]],
            [[Splice(range: 2..<4, text: "abc")], [Splice(range: 1..<3, text: "X")]],
            [[Splice(range: 2..<4, text: "abc")], [Splice(range: 4..<6, text: "X")]],
            [[Splice(range: 2..<4, text: "abc")], [Splice(range: 0..<11, text: "")]],
            [[Splice(range: 2..<4, text: "abc")], [Splice(range: 2..<5, text: "")]],
            // At the ends, and none.
            [[Splice(range: 10..<10, text: "ab")], [Splice(range: 12..<12, text: "cd")]],
            [[Splice(range: 0..<0, text: "ab")], [Splice(range: 0..<0, text: "cd")]],
            [[], [Splice(range: 5..<5, text: "")]],
            [
                [Splice(range: 0..<2, text: ""), Splice(range: 8..<10, text: "ä")],
                [Splice(range: 6..<8, text: "ö")],
            ],
        ])
    func joined(edits: [[Splice]]) {
        var joined = JoinedEdits(count: first.utf8.count)
        var text = first
        for edit in edits {
            joined.append(edit)
            text = applied(edit, to: text)
        }
        #expect(applied(joined.splices, to: first) == text)
        for (one, next) in zip(joined.splices, joined.splices.dropFirst()) {
            #expect(one.range.upperBound < next.range.lowerBound)
        }
    }

    @Test("a file has one diff, however many of its profiles change")
    func preview() throws {
        let text =
            "[profile a]\nregion = x\n\n[profile b]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n"
        try withConfigFile(text) { file, undo, _ in
            let parts: [ConfigFile.Part] = [
                .configure(try ProfileName("a"), try settings("a"), replacingForeignProcess: false),
                .removeKey(of: "b"),
                .configure(try ProfileName("b"), try settings("b"), replacingForeignProcess: false),
            ]
            let lines = try file.preview(parts, undo: undo).diff.map(\.description)
            #expect(lines.count { $0.hasPrefix("@@") } == 1)
            #expect(lines.contains("+credential_process = \(helper) a"))
            #expect(lines.contains("+credential_process = \(helper) b"))
            #expect(lines.contains { $0.hasPrefix("-aws_access_key_id") })
            #expect(contents(of: file.path) == text)
            #expect(try !file.preview([.removeKey(of: "a")], undo: undo).isChanged)
        }
    }
}
