package import SecureMemory

/// RFC 4648's base32, as people copy the seeds of MFA devices.
package enum Base32 {
    /// Appends the bytes that the text stands for: letters of either case; blanks, hyphens and `=` at the end
    /// do not count.
    ///
    /// - Returns: false when the text is not base32, or does not fit; what was appended is of no use then.
    package static func decode(
        _ text: RawSpan, into target: inout SecretBuffer
    ) throws(SecureMemoryError) -> Bool {
        var bits: UInt32 = 0
        var count = 0
        var isPadding = false
        for position in 0..<text.byteCount {
            let byte = text.byte(at: position)
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "-") { continue }
            if byte == UInt8(ascii: "=") {
                isPadding = true
                continue
            }
            guard !isPadding, let value = value(of: byte) else { return false }
            bits = (bits << 5 | value) & 0xFFF
            count += 5
            guard count >= 8 else { continue }
            count -= 8
            guard try target.append(UInt8(truncatingIfNeeded: bits >> UInt32(count))) else { return false }
        }
        // What is left over is zero, and less than a symbol.
        return count < 5 && bits & (1 << UInt32(count) - 1) == 0
    }

    private static func value(of byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte - UInt8(ascii: "a"))
        case UInt8(ascii: "2")...UInt8(ascii: "7"): UInt32(byte - UInt8(ascii: "2")) + 26
        default: nil
        }
    }
}
