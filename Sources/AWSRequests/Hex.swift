import VaultCrypto

/// Bytes as digits in lower case.
package enum Hex {
    package static func text(_ bytes: UnsafeRawBufferPointer) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for place in 0..<bytes.count {
            let byte = unsafe bytes[place]
            text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// SHA-256 of the bytes.
    package static func digest(_ bytes: UnsafeRawBufferPointer) -> String {
        unsafe HMACSHA256.digest(bytes).span.bytes.withUnsafeBytes { unsafe text($0) }
    }
}
