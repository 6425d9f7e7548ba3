internal import CSodium
import Platform
package import SecureMemory

/// What a cryptographic operation can fail with.
package enum CryptoError: Error, Equatable, Sendable {
    /// The sealed bytes are not authentic under this key.
    case notAuthentic
    /// Argon2id could not have the memory that its cost asks for, in KiB.
    case notEnoughMemory(kibibytes: UInt32)
    /// Secret memory could not be had.
    case memory(SecureMemoryError)
}

/// libsodium, initialised once before its first use.
package enum Sodium {
    static let isReady: Bool = sodium_init() >= 0

    static func requireReady() {
        // Fails only where the system has no source of randomness, and nothing can be sealed then.
        precondition(isReady, "libsodium could not be initialised")
    }

    /// The version of the library, for example `1.0.18`.
    package static var version: String { unsafe String(cString: sodium_version_string()) }

    /// Fills `target` from the system's source of randomness.
    package static func fillRandom(_ target: UnsafeMutableRawBufferPointer) {
        requireReady()
        guard let start = target.baseAddress else { return }
        unsafe randombytes_buf(start, target.count)
    }

    /// As the function on buffers.
    package static func equal(_ one: borrowing SecretBytes, _ other: borrowing SecretBytes) -> Bool {
        unsafe one.withUnsafeBytes { one in
            unsafe other.withUnsafeBytes { unsafe equal(one, $0) }
        }
    }

    /// Random bytes that are no secret: salts, nonces, identifiers.
    package static func randomPublicBytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe bytes.withUnsafeMutableBytes { unsafe fillRandom($0) }
        return bytes
    }

    /// Random secret bytes, for a key.
    package static func randomSecret(_ count: Int) throws(CryptoError) -> SecretBytes {
        var secret = try allocateSecret(count)
        unsafe secret.withUnsafeMutableBytes { unsafe fillRandom($0) }
        return secret
    }

    /// Whether both hold the same bytes, in a time that depends on their number alone.
    package static func equal(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        guard one.count == other.count else { return false }
        guard let first = one.baseAddress, let second = other.baseAddress else { return true }
        requireReady()
        return unsafe sodium_memcmp(first, second, one.count) == 0
    }

    package static func allocateSecret(_ count: Int) throws(CryptoError) -> SecretBytes {
        do { return try SecretBytes(count: count) } catch { throw .memory(error) }
    }

    static func wipeStack() { platform_wipe_stack() }
}
