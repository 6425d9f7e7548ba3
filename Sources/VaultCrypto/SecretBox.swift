internal import CSodium
package import SecureMemory

/// libsodium's secretbox: XSalsa20 and Poly1305, with the 16-byte tag before the sealed bytes.
///
/// Both directions work in place. Source: <https://doc.libsodium.org/secret-key_cryptography/secretbox>.
package enum SecretBox {
    package static let keyCount = 32
    package static let nonceCount = 24
    package static let tagCount = 16

    /// Seals what follows the first 16 bytes of `box`, and writes the tag into those.
    package static func seal(
        _ box: UnsafeMutableRawBufferPointer, nonce: UnsafeRawBufferPointer, key: borrowing SecretBytes
    ) {
        precondition(box.count >= tagCount && nonce.count == nonceCount && key.count == keyCount)
        Sodium.requireReady()
        unsafe key.withUnsafeBytes { key in
            guard
                let tag = unsafe box.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let nonce = unsafe nonce.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let key = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
            else { preconditionFailure("empty buffers were refused above") }
            let text = unsafe tag + tagCount
            let result = unsafe crypto_secretbox_detached(
                text, tag, text, UInt64(box.count - tagCount), nonce, key)
            precondition(result == 0, "sealing cannot fail")
        }
        Sodium.wipeStack()
    }

    /// Opens what follows the first 16 bytes of `box`; when they are not authentic, `box` is as it was.
    package static func open(
        _ box: UnsafeMutableRawBufferPointer, nonce: UnsafeRawBufferPointer, key: borrowing SecretBytes
    ) throws(CryptoError) {
        precondition(nonce.count == nonceCount && key.count == keyCount)
        guard box.count >= tagCount else { throw .notAuthentic }
        Sodium.requireReady()
        let result = unsafe key.withUnsafeBytes { key in
            guard
                let tag = unsafe box.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let nonce = unsafe nonce.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let key = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
            else { preconditionFailure("empty buffers were refused above") }
            let text = unsafe tag + tagCount
            return unsafe crypto_secretbox_open_detached(
                text, text, tag, UInt64(box.count - tagCount), nonce, key)
        }
        Sodium.wipeStack()
        guard result == 0 else { throw .notAuthentic }
    }
}
