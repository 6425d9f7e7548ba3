import Testing

@testable import AWSConfigGrammar

func scanned(_ text: String, kind: ConfigKind = .credentials) throws -> ConfigScanner {
    var scanner = ConfigScanner(kind: kind)
    try scanner.scan(Array(text.utf8).span)
    return scanner
}

@Suite("botocore's grammar")
struct GrammarTests {
    @Test(
        "whatever Python takes for white space is none of a name or a value",
        arguments: [
            "\t", "\u{B}", "\u{C}", "\u{1C}", "\u{1D}", "\u{1E}", "\u{1F}", " ", "\u{85}", "\u{A0}",
            "\u{1680}", "\u{2000}", "\u{200A}", "\u{2028}", "\u{2029}", "\u{202F}", "\u{205F}", "\u{3000}",
        ])
    func whiteSpace(white: String) throws {
        let text = "\(white)[a]\(white)\n\(white)region\(white)=\(white)x\(white)y\(white)\n"
        let found = try scanned(text)
        let bytes = Array(text.utf8).span
        #expect(found.sections.map(\.profile) == ["a"])
        #expect(found.settings.map(\.name) == [.region])
        let setting = try #require(found.settings.first)
        #expect(bytes.text(setting.value) == "x\(white)y")
        #expect(found.warnings.isEmpty)
    }

    @Test(
        "what only looks like white space to others is a part of the text",
        arguments: ["\u{200B}", "\u{FEFF}"])
    func noWhiteSpace(mark: String) throws {
        let found = try scanned("[a]\n\(mark)region = x\n")
        #expect(found.settings.map(\.name) == [nil])
    }

    @Test("names are compared byte by byte, as Python compares them")
    func exactNames() throws {
        let found = try scanned("[\u{E9}]\nx=1\n[e\u{301}]\nx=1\n")
        #expect(found.warnings.isEmpty)
        #expect(ConfigKind.config.profile("profile\u{301} a") == "a")
        #expect(ExactText("\u{E9}") != ExactText("e\u{301}") && ExactText("\u{E9}") == ExactText("\u{E9}"))
    }

    @Test("setting names are compared in lower case, in every script")
    func lowerCase() throws {
        #expect(try scanned("[a]\nAWS_ACCESS_\u{212A}EY_ID = x\n").settings.map(\.name) == [.accessKeyID])
        #expect(try scanned("[a]\n\u{C4}=1\n\u{E4}=2\n").warnings == [.settingTwice(line: 3, first: 2)])
        #expect(try scanned("[a]\n\u{C4}=1\nA\u{308}=2\n").warnings.isEmpty)
        #expect(try scanned("[a]\n\u{1F600}=1\n\u{1F601}=2\n").warnings.isEmpty)
    }

    @Test(
        "a nested block has a '=' on each line, also behind breaks that only splitlines sees",
        arguments: ["\u{B}", "\u{C}", "\u{1C}", "\u{1D}", "\u{1E}", "\u{85}", "\u{2028}", "\u{2029}"])
    func nestedLines(lineBreak: String) throws {
        #expect(try scanned("[a]\ns3 =\n  b = c\(lineBreak)d = e\(lineBreak)\n").warnings.isEmpty)
        for text in ["b\(lineBreak)d = e", "b = c\(lineBreak)d"] {
            #expect(try scanned("[a]\ns3 =\n  \(text)\n").warnings == [.nestedLineWithoutValue(3)])
        }
        #expect(try scanned("[a]\ns3 =\n  b\u{1F}= c\u{A0}d\n").warnings.isEmpty)
    }
}
