internal import CSodium
package import SecureMemory

/// SHA-256, and HMAC with it, as AWS signs requests.
///
/// Source: FIPS 180-4, RFC 2104; <https://doc.libsodium.org/advanced/hmac-sha2>.
package enum HMACSHA256 {
    package static let outputCount = 32

    /// The code of `message` under `key`, which may have any length.
    package static func code(key: RawSpan, message: RawSpan) throws(CryptoError) -> SecretBytes {
        Sodium.requireReady()
        var state = try Sodium.allocateSecret(crypto_auth_hmacsha256_statebytes())
        var output = try Sodium.allocateSecret(outputCount)
        let (keyCount, messageCount) = (key.byteCount, UInt64(message.byteCount))
        var stateBytes = state.mutableBytes
        var outputBytes = output.mutableBytes
        stateBytes.withMutableAddress { state in
            key.withAddress { key in
                message.withAddress { message in
                    outputBytes.withMutableAddress { output in
                        let state = unsafe UnsafeMutableRawPointer(state)
                            .assumingMemoryBound(to: crypto_auth_hmacsha256_state.self)
                        unsafe crypto_auth_hmacsha256_init(state, key, keyCount)
                        unsafe crypto_auth_hmacsha256_update(state, message, messageCount)
                        unsafe crypto_auth_hmacsha256_final(state, output)
                    }
                }
            }
        }
        Sodium.wipeStack()
        return output
    }

    /// As the function on bytes, over text that is no secret.
    package static func code(
        key: borrowing SecretBytes, message: String
    ) throws(CryptoError) -> SecretBytes {
        try code(key: key.bytes, message: message.utf8.span.rawSpan)
    }

    /// SHA-256 of a message; what may be published of it is the caller's to know.
    package static func digest(_ message: RawSpan) -> [UInt8] {
        Sodium.requireReady()
        var output = [UInt8](repeating: 0, count: outputCount)
        let count = UInt64(message.byteCount)
        var target = output.mutableRawSpan
        _ = target.withMutableAddress { target in
            message.withAddress { message in unsafe crypto_hash_sha256(target, message, count) }
        }
        Sodium.wipeStack()
        return output
    }
}
