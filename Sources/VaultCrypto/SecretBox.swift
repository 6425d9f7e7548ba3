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
        _ box: consuming MutableRawSpan, nonce: RawSpan, key: borrowing SecretBytes
    ) {
        precondition(box.byteCount >= tagCount && nonce.byteCount == nonceCount && key.count == keyCount)
        Sodium.requireReady()
        let count = UInt64(box.byteCount - tagCount)
        let result = box.withMutableAddress { box in
            nonce.withAddress { nonce in
                key.bytes.withAddress { key in
                    unsafe crypto_secretbox_detached(box + tagCount, box, box + tagCount, count, nonce, key)
                }
            }
        }
        precondition(result == 0, "sealing cannot fail")
        Sodium.wipeStack()
    }

    /// Opens what follows the first 16 bytes of `box`; when they are not authentic, `box` is as it was.
    package static func open(
        _ box: consuming MutableRawSpan, nonce: RawSpan, key: borrowing SecretBytes
    ) throws(CryptoError) {
        precondition(nonce.byteCount == nonceCount && key.count == keyCount)
        guard box.byteCount >= tagCount else { throw .notAuthentic }
        Sodium.requireReady()
        let count = UInt64(box.byteCount - tagCount)
        let result = box.withMutableAddress { box in
            nonce.withAddress { nonce in
                key.bytes.withAddress { key in
                    unsafe crypto_secretbox_open_detached(
                        box + tagCount, box + tagCount, box, count, nonce, key)
                }
            }
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
        _ part: RawSpan, at position: Int, into target: consuming MutableRawSpan, nonce: RawSpan,
        key: borrowing SecretBytes
    ) -> Range<Int> {
        let skipped = (streamOffset + position) % blockCount
        let end = skipped + part.byteCount
        precondition(target.byteCount >= end && nonce.byteCount == nonceCount && key.count == keyCount)
        Sodium.requireReady()
        target.overwrite(at: skipped, with: part)
        let block = UInt64((streamOffset + position) / blockCount)
        let result = target.withMutableAddress { text in
            nonce.withAddress { nonce in
                key.bytes.withAddress { key in
                    unsafe crypto_stream_xsalsa20_xor_ic(text, text, UInt64(end), nonce, block, key)
                }
            }
        }
        precondition(result == 0, "the stream cannot fail")
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
