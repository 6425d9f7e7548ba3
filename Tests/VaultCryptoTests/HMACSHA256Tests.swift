import SecureMemory
import TestSupport
import Testing
import VaultCrypto

struct HMACSHA256Tests {
    /// Source: RFC 4231, cases 1 to 4, 6 and 7.
    static let codes: [(key: [UInt8], message: [UInt8], code: String)] = [
        (
            .init(repeating: 0x0b, count: 20), Array("Hi There".utf8),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            .init(repeating: 0xaa, count: 20), .init(repeating: 0xdd, count: 50),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
        ),
        (
            Array(1...25), .init(repeating: 0xcd, count: 50),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
        ),
        (
            .init(repeating: 0xaa, count: 131),
            Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
    ]

    @Test("a code is what RFC 4231 gives", arguments: codes.indices)
    func code(_ place: Int) throws {
        let (key, message, expected) = Self.codes[place]
        let code = try HMACSHA256.code(key: key.rawSpan, message: message.rawSpan)
        #expect(code.exposed == bytes(expected))
    }

    /// Source: FIPS 180-4's examples.
    @Test(
        "a digest is what FIPS 180 gives",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ])
    func digest(message: String, expected: String) {
        let digest = HMACSHA256.digest(message.utf8.span.rawSpan)
        #expect(digest == bytes(expected))
    }

    @Test("an empty message has a code")
    func empty() throws {
        let key = try secret([1])
        #expect(try HMACSHA256.code(key: key, message: "").exposed.count == HMACSHA256.outputCount)
    }
}
