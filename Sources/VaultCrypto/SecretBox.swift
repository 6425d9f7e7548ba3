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

    /// Decrypts a part of a box that was opened, and so found authentic, before.
    ///
    /// secretbox's message begins at byte 32 of the XSalsa20 stream, so that a part is reached by counting
    /// blocks, whatever comes before it.
    ///
    /// - Parameters:
    ///   - part: the sealed bytes of the part, without the tag.
    ///   - position: where in the message the part begins.
    ///   - target: at least ``roomToRead(_:at:)`` bytes.
    /// - Returns: where in `target` the part lies.
    package static func read(
        _ part: UnsafeRawBufferPointer, at position: Int, into target: UnsafeMutableRawBufferPointer,
        nonce: UnsafeRawBufferPointer, key: borrowing SecretBytes
    ) -> Range<Int> {
        let skipped = (streamOffset + position) % blockCount
        let end = skipped + part.count
        precondition(target.count >= end && nonce.count == nonceCount && key.count == keyCount)
        Sodium.requireReady()
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[skipped..<end]).copyMemory(from: part)
        unsafe key.withUnsafeBytes { key in
            guard
                let text = unsafe target.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let nonce = unsafe nonce.baseAddress?.assumingMemoryBound(to: UInt8.self),
                let key = unsafe key.baseAddress?.assumingMemoryBound(to: UInt8.self)
            else { preconditionFailure("empty buffers were refused above") }
            let block = UInt64((streamOffset + position) / blockCount)
            let result = unsafe crypto_stream_xsalsa20_xor_ic(
                text, text, UInt64(end), nonce, block, key)
            precondition(result == 0, "the stream cannot fail")
        }
        Sodium.wipeStack()
        return skipped..<end
    }

    /// The room that ``read(_:at:into:nonce:key:)`` needs for a part of `count` bytes.
    package static func roomToRead(_ count: Int, at position: Int) -> Int {
        (streamOffset + position) % blockCount + count
    }

    private static let streamOffset = 32
    private static let blockCount = 64
}
