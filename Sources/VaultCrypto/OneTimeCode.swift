import SecureMemory

/// The codes of an MFA device: RFC 6238 with SHA-1, 30 seconds and six digits, which AWS's devices use.
package enum OneTimeCode {
    /// The digits of a code.
    package static let count = 6
    /// The seconds that a code is good for.
    package static let period: Int64 = 30

    /// The number of the time step in which a code is made.
    package static func step(_ unixSeconds: Int64) -> Int64 { max(unixSeconds, 0) / period }

    /// Writes the code of a moment as six digits.
    package static func write(
        seed: UnsafeRawBufferPointer, unixSeconds: Int64, into target: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        precondition(target.count == count)
        let counter = UInt64(step(unixSeconds)).bigEndian
        var code = try Sodium.allocateSecret(SHA1.count)
        try unsafe withUnsafeBytes(of: counter) { (counter) throws(CryptoError) in
            try unsafe authenticate(counter, key: seed, into: &code)
        }
        var number = unsafe code.withUnsafeBytes { bytes in
            let offset = Int(unsafe bytes[SHA1.count - 1] & 15)
            return UInt32(bigEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
                & 0x7FFF_FFFF
        }
        for place in (0..<count).reversed() {
            unsafe target[place] = UInt8(ascii: "0") + UInt8(number % 10)
            number /= 10
        }
    }

    /// HMAC with SHA-1 (RFC 2104).
    static func authenticate(
        _ message: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer, into code: inout SecretBytes
    ) throws(CryptoError) {
        var block = try Sodium.allocateSecret(SHA1.blockCount)
        if key.count > SHA1.blockCount {
            var hash = try SHA1()
            unsafe hash.update(key)
            hash.finish(into: &block)
        } else {
            unsafe block.withUnsafeMutableBytes { unsafe $0.copyMemory(from: key) }
        }
        for (pad, isOuter) in [(UInt8(0x36), false), (0x36 ^ 0x5C, true)] {
            unsafe block.withUnsafeMutableBytes { block in
                for place in block.indices { unsafe block[place] ^= pad }
            }
            var hash = try SHA1()
            unsafe block.withUnsafeBytes { unsafe hash.update($0) }
            if isOuter {
                unsafe code.withUnsafeBytes { unsafe hash.update($0) }
            } else {
                unsafe hash.update(message)
            }
            hash.finish(into: &code)
        }
    }
}
