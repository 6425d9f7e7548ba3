internal import CSodium
package import SecureMemory

/// BLAKE2b with 32 bytes of output.
///
/// Source: RFC 7693; <https://doc.libsodium.org/hashing/generic_hashing>.
package enum KeyedHash {
    package static let outputCount = 32

    /// A key derived from `key` over `message`; `name` (at most 16 bytes of ASCII) is the personal string.
    package static func derive(
        key: borrowing SecretBytes, message: UnsafeRawBufferPointer, name: StaticString
    ) throws(CryptoError) -> SecretBytes {
        var output = try Sodium.allocateSecret(outputCount)
        unsafe output.withUnsafeMutableBytes { output in
            unsafe key.withUnsafeBytes { key in
                unsafe hash(into: output, key: key, message: message, name: name)
            }
        }
        Sodium.wipeStack()
        return output
    }

    /// As ``derive(key:message:name:)``, over bytes that are no secret.
    package static func derive(
        key: borrowing SecretBytes, message: [UInt8], name: StaticString
    ) throws(CryptoError) -> SecretBytes {
        try unsafe message.span.bytes.withUnsafeBytes { (message) throws(CryptoError) in
            try unsafe derive(key: key, message: message, name: name)
        }
    }

    /// A keyed hash that is no secret: an authentication code or a name for a key.
    package static func code(
        key: borrowing SecretBytes, message: UnsafeRawBufferPointer, name: StaticString = ""
    ) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: outputCount)
        unsafe output.withUnsafeMutableBytes { output in
            unsafe key.withUnsafeBytes { key in
                unsafe hash(into: output, key: key, message: message, name: name)
            }
        }
        Sodium.wipeStack()
        return output
    }

    /// The hash of `message` without a key.
    package static func digest(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: outputCount)
        unsafe output.withUnsafeMutableBytes { output in
            unsafe hash(
                into: output, key: UnsafeRawBufferPointer(start: nil, count: 0), message: message, name: "")
        }
        return output
    }

    private static func hash(
        into output: UnsafeMutableRawBufferPointer, key: UnsafeRawBufferPointer,
        message: UnsafeRawBufferPointer, name: StaticString
    ) {
        precondition(name.utf8CodeUnitCount <= 16 && key.count <= 64)
        Sodium.requireReady()
        var personal = [UInt8](repeating: 0, count: 16)
        for position in 0..<name.utf8CodeUnitCount { personal[position] = unsafe name.utf8Start[position] }
        // A zero personal string is the same as none, so that one call serves all.
        guard let target = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
            preconditionFailure("the output has an address")
        }
        let result = unsafe crypto_generichash_blake2b_salt_personal(
            target, output.count,
            message.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(message.count),
            key.baseAddress?.assumingMemoryBound(to: UInt8.self), key.count, nil, personal)
        precondition(result == 0, "hashing cannot fail with these sizes")
    }
}
