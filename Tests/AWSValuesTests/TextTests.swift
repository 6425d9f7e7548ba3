import AWSValues
import Testing

@Suite struct UTF8TextTests {
    /// What may follow one another: each kind of lead and the bytes around the edges of its second one.
    private static let edges: [UInt8] = [
        0x00, 0x1F, 0x20, 0x7E, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1,
        0xEC,
        0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]

    @Test("bytes are UTF-8 exactly where the standard library takes them", arguments: edges)
    func agrees(first: UInt8) {
        for second in Self.edges {
            for third in Self.edges {
                for fourth in Self.edges {
                    let all = [first, second, third, fourth]
                    for count in 1...4 { checkAgreement(Array(all.prefix(count))) }
                }
            }
        }
    }

    private func checkAgreement(_ bytes: [UInt8]) {
        let text = String(validating: bytes, as: UTF8.self)
        if UTF8Text.isValid(bytes.span) != (text != nil) { Issue.record("UTF-8: \(bytes)") }
        let isPlain = text?.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } ?? false
        if UTF8Text.isPlain(bytes.span) != isPlain { Issue.record("plain text: \(bytes)") }
    }

    @Test("every scalar is read as what it is")
    func scalars() {
        for scalar in (0...0x10FFFF as ClosedRange<UInt32>).lazy.compactMap(Unicode.Scalar.init) {
            let bytes = Array(String(scalar).utf8)
            let read = UTF8Text.scalar(in: bytes.span, at: 0)
            guard read?.value == scalar.value, read?.length == bytes.count else {
                Issue.record("U+\(String(scalar.value, radix: 16))")
                return
            }
        }
    }

    @Test("a text that is cut off inside of a character is none", arguments: ["é", "€", "😀"])
    func cut(text: String) {
        let bytes = Array("a\(text)".utf8)
        let valid = (0...bytes.count).filter { UTF8Text.isValid(bytes.span.extracting(0..<$0)) }
        #expect(valid == [0, 1, bytes.count])
    }
}

@Suite struct ShownTextTests {
    @Test(
        "nothing of the categories that steer, hide or mean nothing to others is shown, and all other text is"
    )
    func categories() {
        for scalar in (0...0x10FFFF as ClosedRange<UInt32>).lazy.compactMap(Unicode.Scalar.init) {
            let isShown = ShownText.isShown(scalar.value)
            let expected: Bool? =
                switch scalar.properties.generalCategory {
                case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: false
                // A later version of Unicode may give it a meaning: harmless where nothing else is said.
                case .unassigned: scalar.properties.isNoncharacterCodePoint ? false : nil
                // Selectors of variants beyond the sixteen of the first plane.
                case .nonspacingMark where scalar.value >= 0xE0000: false
                default: true
                }
            if let expected, isShown != expected { Issue.record("U+\(String(scalar.value, radix: 16))") }
            if scalar.properties.isDefaultIgnorableCodePoint,
                scalar.properties.generalCategory == .unassigned,
                isShown
            {
                Issue.record("invisible: U+\(String(scalar.value, radix: 16))")
            }
        }
    }

    @Test(
        "what a terminal would obey is written as an escape",
        arguments: [
            ("plain ä€😀", "plain ä€😀"), ("\u{1B}[31m", "\\u{1b}[31m"), ("a\tb\n", "a\\u{9}b\\u{a}"),
            ("\u{7F}\u{9B}", "\\u{7f}\\u{9b}"), ("\u{202E}abc", "\\u{202e}abc"), ("", ""),
        ])
    func escapes(text: String, shown: String) { #expect(ShownText.escaped(text) == shown) }

    @Test("a text has an end")
    func limit() {
        #expect(ShownText.escaped("abc", limit: 3) == "abc" && ShownText.escaped("abcd", limit: 3) == "abc…")
        #expect(ShownText.escaped("\n\n", limit: 1) == "\\u{a}…" && ShownText.escaped("a", limit: 0) == "…")
    }
}
