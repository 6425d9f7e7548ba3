import AgentProtocol
import SecureMemory
import Testing

private let id = "AKIAIOSFODNN7EXAMPLE"
private let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

/// The answer with made-up secrets, as text.
private func answer(
    id: [UInt8] = Array(id.utf8), secret: [UInt8] = Array(secret.utf8), token: [UInt8]? = nil,
    expiration: Int64? = nil, account: [UInt8]? = nil
) throws -> String {
    // Each part lies where nothing else does, so that reading past one is seen.
    let id = try SecretBytes(copying: id)
    let secret = try SecretBytes(copying: secret)
    let others = try SecretBytes(copying: (token ?? []) + (account ?? []))
    let end = token?.count ?? 0
    let encoded = try CredentialProcessJSON.encode(
        accessKeyID: id.bytes, secretAccessKey: secret.bytes,
        sessionToken: token == nil ? nil : others.bytes.extracting(first: end), expiration: expiration,
        accountID: account == nil ? nil : others.bytes.extracting(droppingFirst: end))
    return String(decoding: [UInt8](encoded.bytes), as: UTF8.self)
}

extension SecretBytes {
    fileprivate init(copying bytes: [UInt8]) throws {
        try self.init(copying: bytes.rawSpan)
    }
}

extension CredentialProcessJSON {
    fileprivate static func isLine(_ bytes: [UInt8]) -> Bool { isLine(bytes.rawSpan) }
}

@Suite("an answer to a credential_process")
struct CredentialProcessJSONTests {
    @Test("has nothing for a value that is absent")
    func leastAnswer() throws {
        let expected = #"{"Version":1,"AccessKeyId":"\#(id)","SecretAccessKey":"\#(secret)"}"# + "\n"
        #expect(try answer() == expected)
    }

    @Test("has every value in its place")
    func fullAnswer() throws {
        let text = try answer(
            token: Array("IQoJb3JpZ2lu==".utf8), expiration: 1_425_926_363,
            account: Array("123456789012".utf8))
        let expected =
            #"{"Version":1,"AccessKeyId":"\#(id)","SecretAccessKey":"\#(secret)","#
            + #""SessionToken":"IQoJb3JpZ2lu==","Expiration":"2015-03-09T18:39:23Z","#
            + #""AccountId":"123456789012"}"# + "\n"
        #expect(text == expected)
    }

    @Test("has an account without a session token")
    func accountAlone() throws {
        let text = try answer(account: Array("123456789012".utf8))
        #expect(text.hasSuffix(#""SecretAccessKey":"\#(secret)","AccountId":"123456789012"}"# + "\n"))
        #expect(!text.contains("SessionToken") && !text.contains("Expiration"))
    }

    @Test("has at most the 8 KiB that every client reads", arguments: [0, 1])
    func limit(beyond: Int) throws {
        let rest = try answer(secret: []).utf8.count
        let secret = Array(repeating: UInt8(ascii: "x"), count: 8192 - rest + beyond)
        guard beyond > 0 else {
            return #expect(try answer(secret: secret).utf8.count == CredentialProcessJSON.limit)
        }
        #expect(throws: CredentialProcessJSON.EncodingError.tooLong) { try answer(secret: secret) }
        // Also in a buffer that has room for more, behind what it holds already.
        var buffer = try SecretBuffer(capacity: 4000, limit: 1 << 16)
        #expect(throws: CredentialProcessJSON.EncodingError.tooLong) {
            try CredentialProcessJSON.append(
                to: &buffer, accessKeyID: secret.rawSpan, secretAccessKey: secret.rawSpan, sessionToken: nil,
                expiration: nil, accountID: nil)
        }
    }

    @Test(
        "must be one line of ASCII",
        arguments: [
            ("{}\n", true), ("{\"a\":1}\n", true), ("", false), ("{}", false), ("{\n", false), ("}\n", false),
            ("{}\n\n", false), ("{}\n{}\n", false), ("{\u{1B}[2J}\n", false), ("{ä}\n", false),
            ("{\u{7F}}\n", false), ("[1]\n", false),
        ])
    func lines(text: String, isLine: Bool) {
        #expect(CredentialProcessJSON.isLine(Array(text.utf8)) == isLine)
    }

    @Test("must not have more bytes than a client reads")
    func longLine() {
        let text = { (count: Int) in
            Array("{".utf8) + Array(repeating: 0x20, count: count - 3) + Array("}\n".utf8)
        }
        for (count, isLine) in [(8192, true), (8193, false)] {
            #expect(CredentialProcessJSON.isLine(text(count)) == isLine)
        }
    }

    /// The escapes are those of Python's `json.dumps`, with every character in its `\u` form.
    @Test(
        "escapes what is not plain ASCII",
        arguments: [
            ("\"", #"\u0022"#), ("\\", #"\u005c"#), ("a\"b\\c", #"a\u0022b\u005cc"#),
            ("\0", #"\u0000"#), ("\t\n\r", #"\u0009\u000a\u000d"#), ("\u{1B}[2J", #"\u001b[2J"#),
            ("\u{1F}\u{7F}\u{80}", #"\u001f\u007f\u0080"#), ("\u{9B}", #"\u009b"#),
            ("é", #"\u00e9"#), ("\u{7FF}\u{800}", #"\u07ff\u0800"#), ("€\u{2028}", #"\u20ac\u2028"#),
            ("\u{D7FF}\u{E000}\u{FFFF}", #"\ud7ff\ue000\uffff"#), ("\u{10000}", #"\ud800\udc00"#),
            ("😀x", #"\ud83d\ude00x"#), ("\u{10FFFF}", #"\udbff\udfff"#),
            ("/+=<>&'~ ", "/+=<>&'~ "),
        ])
    func escapes(value: String, escaped: String) throws {
        let text = try answer(secret: Array(value.utf8))
        #expect(text == #"{"Version":1,"AccessKeyId":"\#(id)","SecretAccessKey":"\#(escaped)"}"# + "\n")
    }

    @Test("takes 8192 bytes at most")
    func limit() throws {
        let frame = try answer(secret: []).utf8.count
        let room = 8192 - frame
        #expect(try answer(secret: [UInt8](repeating: 0x61, count: room)).utf8.count == 8192)
        #expect(throws: CredentialProcessJSON.EncodingError.tooLong) {
            try answer(secret: [UInt8](repeating: 0x61, count: room + 1))
        }
    }

    @Test("counts a value as it is escaped")
    func limitOfEscaped() throws {
        #expect(throws: CredentialProcessJSON.EncodingError.tooLong) {
            try answer(secret: [UInt8](repeating: 0, count: 1400))
        }
    }

    @Test(
        "is refused for a value that is no UTF-8",
        arguments: [
            [0x80], [0x61, 0xBF], [0xC0, 0xAF], [0xC1, 0x81], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0xAF],
            [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
            [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ] as [[UInt8]])
    func notText(value: [UInt8]) {
        #expect(throws: CredentialProcessJSON.EncodingError.notText) { try answer(secret: value) }
        #expect(throws: CredentialProcessJSON.EncodingError.notText) { try answer(token: value) }
    }
}
