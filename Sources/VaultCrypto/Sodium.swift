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
    private static func fillRandom(_ target: consuming MutableRawSpan) {
        requireReady()
        let count = target.byteCount
        target.withMutableAddress { unsafe randombytes_buf($0, count) }
    }

    /// Random bytes that are no secret: salts, nonces, identifiers.
    package static func randomPublicBytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        fillRandom(bytes.mutableRawSpan)
        return bytes
    }

    /// Random secret bytes, for a key.
    package static func randomSecret(_ count: Int) throws(CryptoError) -> SecretBytes {
        var secret = try allocateSecret(count)
        fillRandom(secret.mutableBytes)
        return secret
    }

    /// Whether both hold the same bytes, in a time that depends on their number alone.
    package static func equal(_ one: RawSpan, _ other: RawSpan) -> Bool {
        let count = one.byteCount
        guard count == other.byteCount else { return false }
        requireReady()
        return one.withAddress { one in
            other.withAddress { other in unsafe sodium_memcmp(one, other, count) == 0 }
        }
    }

    /// As the function on spans.
    package static func equal(_ one: borrowing SecretBytes, _ other: borrowing SecretBytes) -> Bool {
        equal(one.bytes, other.bytes)
    }

    package static func allocateSecret(_ count: Int) throws(CryptoError) -> SecretBytes {
        do { return try SecretBytes(count: count) } catch { throw .memory(error) }
    }

    static func wipeStack() { platform_wipe_stack() }
}
