package import AWSValues
import VaultCrypto

extension Hex {
    /// SHA-256 of the bytes, as digits.
    package static func digest(_ bytes: UnsafeRawBufferPointer) -> String {
        unsafe text(HMACSHA256.digest(bytes.bytes).span)
    }
}
