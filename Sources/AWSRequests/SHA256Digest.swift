package import AWSValues
import VaultCrypto

extension Hex {
    /// SHA-256 of the bytes, as digits.
    package static func digest(_ bytes: RawSpan) -> String {
        let hash = HMACSHA256.digest(bytes)
        return text(hash.span)
    }
}
