import SecureMemory
import TestSupport
import Testing

@testable import VaultCrypto

@Suite("Seeds of MFA devices")
struct OneTimeSeedTests {
    private static let text = "JBSWY3DPEHPK3PXP"
    private static let seed = bytes("48656c6c6f21deadbeef")

    @Test(
        "a seed is read as people have it",
        arguments: [
            text, " \(text)\r\n", "jbsw y3dp ehpk 3pxp", "JBSW-Y3DP-EHPK-3PXP",
            "otpauth://totp/AWS?secret=\(text)",
            "otpauth://totp/AWS:a@123456789012?secret=\(text)&issuer=AWS",
            "OTPAuth://TOTP/x?Issuer=y&Secret=jbswy3dpehpk3pxp&algorithm=sha1&digits=6&period=30#x",
            "otpauth://totp/x?algorithm=SHA1&secret=JBSW%20Y3DP+EHPK%203PXP%3D%3D",
            "otpauth://totp/x?image=https%3A%2F%2Fx%2Fy.png&secret=\(text)&", "otpauth://totp?secret=\(text)",
        ])
    func reads(_ text: String) throws {
        #expect(try read(text) == Self.seed)
    }

    @Test(
        "a seed that would make other codes than AWS's is refused with the reason",
        arguments: [
            ("", .form), ("JBSWY3DPEHPK3PX", .form), ("JBSWY3DPEHPK3PX1", .form), ("https://x", .form),
            (String(repeating: text, count: 14), .form),
            ("otpauth://totp/x", .noSecret), ("otpauth://totp/x?secret", .noSecret),
            ("otpauth://totp/x?secret=\(text)&secret=\(text)", .noSecret),
            ("otpauth://totp/x?secret=", .form), ("otpauth://totp/x?secret=JBSW", .form),
            ("otpauth://totp/x#?secret=\(text)", .noSecret),
            ("otpauth://hotp/x?secret=\(text)&counter=1", .counter),
            ("otpauth://totpx/?secret=\(text)", .counter),
            ("otpauth://totp/x?secret=\(text)&algorithm=SHA256", .algorithm),
            ("otpauth://totp/x?secret=\(text)&digits=8", .digits),
            ("otpauth://totp/x?digits=&secret=\(text)", .digits),
            ("otpauth://totp/x?secret=\(text)&period=60", .period),
            ("otpauth-migration://offline?data=x", .migration),
        ] as [(String, OneTimeSeed.Fault)])
    func refuses(text: String, fault: OneTimeSeed.Fault) {
        #expect(throws: fault) { _ = try read(text) }
        #expect(!fault.reason.isEmpty && fault.cure != nil)
    }

    private func read(_ text: String) throws -> [UInt8] {
        try OneTimeSeed.read(text.utf8.span.rawSpan).exposed
    }
}
