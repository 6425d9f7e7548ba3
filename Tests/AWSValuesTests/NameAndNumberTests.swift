import AWSValues
import Testing

@Suite struct EntryNameTests {
    @Test(
        "a name begins with a letter, and has up to 128 characters that mean themselves",
        arguments: [
            ("a", true), ("Z", true), ("prod", true), ("a.b_c@d+e/f-9", true), ("", false), ("1a", false),
            ("-a", false), ("_a", false), ("/a", false), (".a", false), ("a b", false), ("a:b", false),
            ("a,b", false), ("a=b", false), ("a\n", false), ("a\0", false), ("ä", false), ("aä", false),
            ("a\u{301}", false), ("@", false), ("[", false), ("`", false), ("{", false), ("a[", false),
            (String(repeating: "a", count: EntryName.limit), true),
            (String(repeating: "a", count: EntryName.limit + 1), false),
        ])
    func rule(name: String, isValid: Bool) {
        #expect(EntryName.isValid(name) == isValid)
        // What is no name is made one, and a name is left as it is.
        #expect(EntryName.isValid(EntryName.cleaned(name)) && (EntryName.cleaned(name) == name) == isValid)
    }

    @Test("the limit is that of the file format")
    func limit() { #expect(EntryName.limit == 128) }

    @Test(
        "a name is made of any text",
        arguments: [
            ("prod", "prod"), ("My Key", "My-Key"), ("1st", "k-1st"), ("-x", "k--x"), ("_x", "k-_x"),
            ("", "key"), ("ünï", "k--n-"), ("a\nb\u{1B}[", "a-b--"), ("日本", "k---"), ("a\u{161}b", "a-b"),
            (String(repeating: "a", count: 300), String(repeating: "a", count: 128)),
            (String(repeating: "1", count: 300), "k-" + String(repeating: "1", count: 126)),
        ])
    func cleans(text: String, name: String) { #expect(EntryName.cleaned(text) == name) }
}

@Suite struct AccountIDTests {
    @Test(
        "an account has 12 digits",
        arguments: [
            ("123456789012", true), ("000000000000", true), ("", false), ("12345678901", false),
            ("1234567890123", false), ("12345678901a", false), ("12345678901 ", false),
            ("１23456789012", false), ("-12345678901", false),
        ])
    func rule(id: String, isValid: Bool) { #expect(AccountID.isValid(id) == isValid) }
}

@Suite struct AccessKeyIDTests {
    @Test(
        "an access key ID has 16 to 128 capital letters and digits",
        arguments: [
            ("AKIAIOSFODNN7EXAMPLE", true), ("AKIA000000000000", true), ("AKIA00000000000", false),
            (String(repeating: "A", count: 128), true), (String(repeating: "A", count: 129), false),
            ("akiaiosfodnn7example", false), ("AKIAIOSFODNN7EXAMPL/", false), ("AKIAIOSFODNN7EXAMPL ", false),
            ("AKIAIOSFODNN7EXAMPLÉ", false), ("", false), ("@KIAIOSFODNN7EXAMPLE", false),
            ("[KIAIOSFODNN7EXAMPLE", false), (":KIAIOSFODNN7EXAMPLE", false),
        ])
    func rule(id: String, isValid: Bool) {
        #expect(AccessKeyID.isValid(id) == isValid)
        #expect((AccessKeyID.classify(id) != nil) == isValid)
    }
}

@Suite struct MFACodeTests {
    @Test(
        "a code has six digits",
        arguments: [
            ("123456", true), ("000000", true), ("12345", false), ("1234567", false), ("12345a", false),
            ("", false), ("12345\n", false), ("12345/", false), ("12345:", false),
        ])
    func rule(code: String, isValid: Bool) {
        let isCode = MFADevice.isCode(code.utf8.span)
        #expect(isCode == isValid)
    }
}

@Suite struct HexTests {
    @Test(
        "bytes are two digits each, and come back from either case",
        arguments: [
            ([], ""), ([0], "00"), ([255], "ff"), ([0x09, 0x0A, 0xA9, 0xF0], "090aa9f0"),
        ] as [([UInt8], String)])
    func bytes(bytes: [UInt8], digits: String) {
        let written = Hex.text(bytes.span)
        #expect(written == digits && read(digits) == bytes && read(digits.uppercased()) == bytes)
    }

    @Test(
        "other bytes are no digits", arguments: ["0", "0g", "g0", " 0", "0x", "/0", ":0", "@0", "`0", "000"])
    func refused(digits: String) { #expect(read(digits) == nil) }

    private func read(_ digits: String) -> [UInt8]? { Hex.bytes(digits.utf8.span) }

    @Test("every digit has the value that it was made of")
    func digits() {
        for value in 0..<16 as Range<UInt8> { #expect(Hex.value(of: Hex.digit(value)) == value) }
        let isDigit = (0...255 as ClosedRange<UInt8>).filter { Hex.value(of: $0) != nil }
        #expect(String(decoding: isDigit, as: UTF8.self) == "0123456789ABCDEFabcdef")
    }

    @Test("a number has its leading zeros")
    func numbers() {
        #expect(Hex.text(0 as UInt8) == "00" && Hex.text(0xE9 as UInt16) == "00e9")
        #expect(Hex.text(UInt64.max) == "ffffffffffffffff" && Hex.text(1 as UInt64) == "0000000000000001")
        #expect(Hex.text(1 as UInt128).utf8.count == 32)
    }
}

@Suite("What AWS takes with a request for a session")
struct STSWordTests {
    @Test(
        "a word has letters, digits and some signs, and so many of them",
        arguments: [
            ("ab", true), ("a", false), ("", false), (String(repeating: "a", count: 64), true),
            (String(repeating: "a", count: 65), false), ("=,.@-_+09azAZ", true), ("a:b", false),
            ("a/b", false), ("a b", false), ("ä0", false), ("a\u{0}", false),
        ])
    func sessionName(text: String, isValid: Bool) {
        #expect(STSWord.sessionName.isValid(text) == isValid)
        #expect(STSWord.sourceIdentity.isValid(text) == isValid)
    }

    @Test("each kind has its own limits")
    func kinds() {
        let long = String(repeating: "x", count: 1224)
        #expect(STSWord.externalID.isValid(long) && !STSWord.externalID.isValid(long + "x"))
        #expect(STSWord.externalID.isValid("a:b/c"))
        #expect(STSWord.federatedUser.isValid(String(long.prefix(32))))
        #expect(!STSWord.federatedUser.isValid(String(long.prefix(33))))
        #expect(STSWord.sessionName.rule == "it must have 2 to 64 letters, digits and =,.@-_+")
    }

    @Test("what a word may have of a text is cut where it would be too long")
    func allowed() {
        #expect(STSWord.sessionName.allowed(in: "Zoë Miller@host:1") == "ZoMiller@host1")
        #expect(STSWord.sessionName.allowed(in: "é") == "")
        #expect(STSWord.federatedUser.allowed(in: String(repeating: "u", count: 99)).count == 32)
    }
}
