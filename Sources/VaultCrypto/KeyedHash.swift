internal import CSodium
package import SecureMemory

/// BLAKE2b with 32 bytes of output.
///
/// Source: RFC 7693; <https://doc.libsodium.org/hashing/generic_hashing>.
package enum KeyedHash {
    package static let outputCount = 32

    /// A key derived from `key` over `message`; `name` (at most 16 bytes of ASCII) is the personal string.
    package static func derive(
        key: borrowing SecretBytes, message: RawSpan, name: StaticString
    ) throws(CryptoError) -> SecretBytes {
        var output = try Sodium.allocateSecret(outputCount)
        hash(into: output.mutableBytes, key: key.bytes, message: message, name: name)
        Sodium.wipeStack()
        return output
    }

    /// A keyed hash that is no secret: an authentication code or a name for a key.
    package static func code(
        key: borrowing SecretBytes, message: RawSpan, name: StaticString = ""
    ) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: outputCount)
        hash(into: output.mutableRawSpan, key: key.bytes, message: message, name: name)
        Sodium.wipeStack()
        return output
    }

    /// The hash of `message` without a key.
    package static func digest(_ message: RawSpan) -> [UInt8] {
        var output = [UInt8](repeating: 0, count: outputCount)
        hash(into: output.mutableRawSpan, key: RawSpan(), message: message, name: "")
        return output
    }

    private static func hash(
        into output: consuming MutableRawSpan, key: RawSpan, message: RawSpan, name: StaticString
    ) {
        precondition(name.utf8CodeUnitCount <= 16 && key.byteCount <= 64)
        Sodium.requireReady()
        // A zero personal string is the same as none, so that one call serves all.
        var personal = [UInt8](repeating: 0, count: 16)
        for position in 0..<name.utf8CodeUnitCount { personal[position] = name.rawSpan.byte(at: position) }
        let (outputCount, messageCount, keyCount) = (
            output.byteCount, UInt64(message.byteCount), key.byteCount
        )
        let result = output.withMutableAddress { output in
            message.withAddress { message in
                key.withAddress { key in
                    unsafe crypto_generichash_blake2b_salt_personal(
                        output, outputCount, message, messageCount, key, keyCount, nil, personal)
                }
            }
        }
        precondition(result == 0, "hashing cannot fail with these sizes")
    }
}
