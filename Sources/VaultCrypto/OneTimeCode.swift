package import SecureMemory

/// The codes of an MFA device: RFC 6238 with SHA-1, 30 seconds and six digits, which AWS's devices use.
package enum OneTimeCode {
    /// The digits of a code.
    package static let count = 6
    /// The seconds that a code is good for.
    package static let period: Int64 = 30

    /// The number of the time step in which a code is made.
    package static func step(_ unixSeconds: Int64) -> Int64 { max(unixSeconds, 0) / period }

    /// The code of a moment as six digits.
    package static func make(seed: RawSpan, unixSeconds: Int64) throws(CryptoError) -> SecretBytes {
        let counter = UInt64(step(unixSeconds))
        let message = (0..<8).reversed().map { UInt8(truncatingIfNeeded: counter >> ($0 * 8)) }
        let code = try authenticate(message.rawSpan, key: seed)
        let offset = Int(code.bytes.byte(at: SHA1.count - 1) & 15)
        let word: UInt32 = code.bytes.littleEndian(at: offset)
        var number = word.byteSwapped & 0x7FFF_FFFF
        var text = try Sodium.allocateSecret(count)
        var digits = text.mutableBytes
        for place in (0..<count).reversed() {
            let digit = UInt8(ascii: "0") + UInt8(number % 10)
            digits.storeBytes(of: digit, toByteOffset: place, as: UInt8.self)
            number /= 10
        }
        return text
    }

    /// HMAC with SHA-1 (RFC 2104).
    static func authenticate(_ message: RawSpan, key: RawSpan) throws(CryptoError) -> SecretBytes {
        var code = try Sodium.allocateSecret(SHA1.count)
        var block = try Sodium.allocateSecret(SHA1.blockCount)
        if key.byteCount > SHA1.blockCount {
            var hash = try SHA1()
            hash.update(key)
            hash.finish(into: &block)
        } else {
            block.overwrite(at: 0, with: key)
        }
        for (pad, isOuter) in [(UInt8(0x36), false), (0x36 ^ 0x5C, true)] {
            var bytes = block.mutableBytes
            for place in 0..<SHA1.blockCount {
                bytes.storeBytes(of: bytes.byte(at: place) ^ pad, toByteOffset: place, as: UInt8.self)
            }
            var hash = try SHA1()
            hash.update(block.bytes)
            if isOuter { hash.update(code.bytes) } else { hash.update(message) }
            hash.finish(into: &code)
        }
        return code
    }
}
