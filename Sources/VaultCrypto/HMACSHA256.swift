internal import CSodium
package import SecureMemory

/// SHA-256, and HMAC with it, as AWS signs requests.
///
/// Source: FIPS 180-4, RFC 2104; <https://doc.libsodium.org/advanced/hmac-sha2>.
package enum HMACSHA256 {
    package static let outputCount = 32

    /// The code of `message` under `key`, which may have any length.
    package static func code(
        key: UnsafeRawBufferPointer, message: UnsafeRawBufferPointer
    ) throws(CryptoError) -> SecretBytes {
        Sodium.requireReady()
        var state = try Sodium.allocateSecret(crypto_auth_hmacsha256_statebytes())
        var output = try Sodium.allocateSecret(outputCount)
        unsafe state.withUnsafeMutableBytes { state in
            unsafe output.withUnsafeMutableBytes { output in
                let state = unsafe state.baseAddress?.assumingMemoryBound(
                    to: crypto_auth_hmacsha256_state.self)
                let target = unsafe output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                guard let state = unsafe state, let target = unsafe target else {
                    preconditionFailure("secret memory has an address")
                }
                guard let source = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self) else {
                    preconditionFailure("a key has at least one byte")
                }
                unsafe crypto_auth_hmacsha256_init(state, source, key.count)
                // An empty message has no address, and adds nothing.
                if let start = unsafe message.baseAddress?.assumingMemoryBound(to: UInt8.self) {
                    unsafe crypto_auth_hmacsha256_update(state, start, UInt64(message.count))
                }
                unsafe crypto_auth_hmacsha256_final(state, target)
            }
        }
        Sodium.wipeStack()
        return output
    }

    /// As the function on bytes in memory, over text that is no secret.
    package static func code(
        key: borrowing SecretBytes, message: String
    ) throws(CryptoError) -> SecretBytes {
        try unsafe key.withUnsafeBytes { (key) throws(CryptoError) in
            try unsafe message.utf8.span.bytes.withUnsafeBytes { (message) throws(CryptoError) in
                try unsafe code(key: key, message: message)
            }
        }
    }

    /// SHA-256 of a message; what may be published of it is the caller's to know.
    package static func digest(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        Sodium.requireReady()
        var output = [UInt8](repeating: 0, count: outputCount)
        unsafe output.withUnsafeMutableBufferPointer { output in
            guard let target = output.baseAddress else { preconditionFailure("the output has an address") }
            unsafe crypto_hash_sha256(
                target, message.baseAddress?.assumingMemoryBound(to: UInt8.self), UInt64(message.count))
        }
        Sodium.wipeStack()
        return output
    }
}
