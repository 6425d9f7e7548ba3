import AWSConfigGrammar
import Testing

@testable import AWSConfigFile

@Suite("The difference shown to a person")
struct DiffTests {
    private func diff(_ old: String, _ wanted: ProfileSettings, replacing: Bool = false) throws -> [String] {
        let document = try document(old)
        return try configured(document, wanted, replacingForeignProcess: replacing)?.diff.map(\.description)
            ?? []
    }

    private func diffOfRemoval(_ old: borrowing ConfigDocument) throws -> [String] {
        guard let edit = try old.removeStaticKeys(of: "p") else { return [] }
        return edit.diff.map(\.description)
    }

    @Test("a change stands between three lines of context, distant ones apart")
    func context() throws {
        let filler = (1...9).map { "x\($0) = \($0)\n" }.joined()
        let lines = try diff("[default]\n[profile target]\nregion = a\n\(filler)", settings(region: "b"))
        #expect(
            lines == [
                "@@ -1,6 +1,6 @@", " [default]", " [profile target]", "-region = a", "+region = b", " x1 = 1",
                " x2 = 2",
                " x3 = 3", "@@ -10,3 +10,4 @@", " x7 = 7", " x8 = 8", " x9 = 9",
                "+credential_process = \(helper) prod",
            ])
    }

    @Test("a last line that only gets its line end is no change")
    func missingLineEnd() throws {
        let lines = try diff("[a]\n[profile target]", settings())
        #expect(
            lines == [
                "@@ -1,2 +1,3 @@", " [a]".replacing("[a]", with: redacted), " [profile target]",
                "+credential_process = \(helper) prod",
            ])
    }

    @Test("nothing that may be secret is shown")
    func secrets() throws {
        let old = """
            [profile target] # SECRET0
            # aws_secret_access_key = SECRET1
            x_aws_secret = SECRET2
            MyToken: SECRET3
            password = SECRET4
            SomeKey =
              SECRET5 = 1
            SECRET6/with+base64= x
            garbage SECRET7
            harmless = https://x/?token=SECRET8
            [unknown SECRET9]
            region = SECRETA
            """
        let before = try document(old + "\n")
        let after = try document(old + "\ncredential_process = \(helper) secret-key\n")
        let shown =
            (0..<before.lines.count).map { before.shown($0) }
            + (0..<after.lines.count).map { after.shown($0) }
        #expect(!shown.contains { $0.contains("SECRET") })
        #expect(shown.contains("x_aws_secret = \(redacted)"))
        #expect(shown[0] == "[profile target] \(redacted)")
        #expect(shown.contains("# \(redacted)"))
    }

    @Test(
        "a line of a section that is not understood is not shown, whatever it looks like",
        arguments: ["[other]", "[ profile x ]", "[profile]", "[profile a b]"])
    func sectionsNotUnderstood(header: String) throws {
        let file = try document("[profile a]\n\(header)\nregion = SHOWN\ns3 =\n  x = SHOWN\n")
        #expect((1..<file.lines.count).allSatisfy { file.shown($0) == redacted })
    }

    @Test("the keys that are moved away are not shown either")
    func removedKeys() throws {
        let old = try document(
            "[p]\naws_access_key_id = AKIAX\naws_secret_access_key = SECRET\nregion = x\n", kind: .credentials
        )
        let lines = try diffOfRemoval(old)
        #expect(
            lines == [
                "@@ -1,4 +1,2 @@", " [p]", "-aws_access_key_id = \(redacted)",
                "-aws_secret_access_key = \(redacted)",
                " region = x",
            ])
    }

    @Test("our own command is shown, though an entry's name may sound like a secret")
    func ourCommand() throws {
        #expect(
            try diff("", settings("key-of-secret")).contains("+credential_process = \(helper) key-of-secret"))
    }

    @Test("another program's command is hidden when it may carry a secret")
    func foreignCommand() throws {
        let old = "[profile target]\ncredential_process = /opt/tool --password SECRET\n"
        let lines = try diff(old, settings(), replacing: true)
        #expect(lines.contains("-credential_process = \(redacted)"))
        #expect(lines.contains("+# sealring replaced: credential_process = \(redacted)"))
        let plain = try diff(old.replacing("--password SECRET", with: "get"), settings(), replacing: true)
        #expect(plain.contains("+# sealring replaced: credential_process = /opt/tool get"))
        // In a section that is not understood, nothing of the comment is shown.
        let elsewhere = try document("[x y]\n# sealring replaced: credential_process = /opt/SECRET\n")
        #expect(!elsewhere.shown(1).contains("SECRET"))
    }

    @Test(
        "control characters do not reach the terminal",
        arguments: ["\u{1b}[2J", "\u{9b}", "\u{202e}", "\0", "\u{7f}"])
    func controlCharacters(text: String) throws {
        let lines = try diff("[profile target]\nx = \(text)\n", settings())
        #expect(lines.contains { $0.hasPrefix(" x = \\u{") })
        #expect(!lines.contains { $0.contains(text) })
    }

    @Test("a difference has an end")
    func bounded() throws {
        let text = "[p]\naws_access_key_id = A\n" + String(repeating: "\n", count: 5000)
        let old = try document(text, kind: .credentials)
        #expect(try (900...1001).contains(diffOfRemoval(old).count))
    }
}
