import SecureMemory
import TestSupport
import Testing

@testable import VaultCrypto

@Suite("One-time codes")
struct OneTimeCodeTests {
    /// RFC 6238, appendix B, for SHA-1: the last six of its eight digits.
    @Test(
        "the codes are those of RFC 6238",
        arguments: [
            (59, "287082"), (1_111_111_109, "081804"), (1_111_111_111, "050471"), (1_234_567_890, "005924"),
            (2_000_000_000, "279037"), (20_000_000_000, "353130"),
        ] as [(Int64, String)])
    func known(time: Int64, expected: String) throws {
        #expect(try code(Array("12345678901234567890".utf8), time) == expected)
    }

    /// RFC 3174 and FIPS 180-4.
    @Test(
        "SHA-1 gives its known digests",
        arguments: [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
            ),
        ])
    func digest(text: String, expected: String) throws {
        var hash = try SHA1()
        hash.update(text.utf8.span.rawSpan)
        var digest = try SecretBytes(count: 20)
        hash.finish(into: &digest)
        #expect(hexadecimal(digest) == expected)
    }

    /// RFC 2202, cases 6 and 1: a key that is longer than a block, and one that is shorter.
    @Test("HMAC-SHA-1 gives its known codes")
    func authenticated() throws {
        let cases: [([UInt8], String, String)] = [
            (
                [UInt8](repeating: 0xAA, count: 80), "Test Using Larger Than Block-Size Key - Hash Key First",
                "aa4ae5e15272d00e95705637ce8a3b55ed402112"
            ),
            ([UInt8](repeating: 0x0B, count: 20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
        ]
        for (key, text, expected) in cases {
            let code = try OneTimeCode.authenticate(text.utf8.span.rawSpan, key: key.rawSpan)
            #expect(hexadecimal(code) == expected)
        }
    }

    @Test("a code changes with its step of 30 seconds, and with nothing else")
    func steps() throws {
        let seed = Array("12345678901234567890".utf8)
        #expect(try code(seed, 30) == code(seed, 59) && code(seed, 59) != code(seed, 60))
        #expect(OneTimeCode.step(59) == 1 && OneTimeCode.step(60) == 2)
    }

    @Test(
        "base32 is read as people copy it",
        arguments: [
            ("JBSWY3DPEHPK3PXP", "48656c6c6f21deadbeef"), ("jbsw y3dp-ehpk 3pxp", "48656c6c6f21deadbeef"),
            ("MZXW6===", "666f6f"), ("MZXW6YQ", "666f6f62"), ("", ""),
        ])
    func base32(text: String, expected: String) throws {
        #expect(try decoded(text) == expected)
    }

    @Test(
        "what is no base32 is refused",
        arguments: ["MZXW1", "MZ=XW6", "A", "MZX", "MZXW6R", "MZXW6Ä", "MZXW6YR"])
    func refused(text: String) throws { #expect(try decoded(text) == nil) }

    private func code(_ seed: [UInt8], _ time: Int64) throws -> String {
        let code = try OneTimeCode.make(seed: seed.rawSpan, unixSeconds: time)
        return String(decoding: code.exposed, as: UTF8.self)
    }

    private func decoded(_ text: String) throws -> String? {
        var bytes = try SecretBuffer(capacity: 64, limit: 64)
        let isRead = try Base32.decode(text.utf8.span.rawSpan, into: &bytes)
        return isRead ? hexadecimal(try bytes.finish()) : nil
    }

    private func hexadecimal(_ bytes: borrowing SecretBytes) -> String {
        bytes.exposed.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
