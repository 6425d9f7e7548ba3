public import SecureMemory
import VaultCrypto

/// Twenty random bytes on paper that open a vault when the passphrase is forgotten.
///
/// Written as 36 characters of Crockford's base32 in nine groups of four, with a checksum of two bytes.
public struct RecoveryCode: ~Copyable, Sendable {
    /// How many bytes the written code has.
    public static let textCount = 44

    let bytes: SecretBytes

    /// A new random code.
    public init() throws(VaultError) {
        do { bytes = try Sodium.randomSecret(Self.byteCount) } catch { throw VaultError(error, path: "") }
    }

    /// Reads a written code; case, spaces and hyphens do not matter, O is 0, I and L are 1.
    ///
    /// - Throws: ``VaultError/Reason/mistypedRecoveryCode`` when its checksum is wrong.
    public init(text: borrowing SecretBytes) throws(VaultError) {
        do {
            var decoded = try SecretBytes(count: Self.checkedCount)
            guard Self.decode(text, into: &decoded) else {
                throw VaultError(.mistypedRecoveryCode, path: "")
            }
            bytes = try decoded.copy(0..<Self.byteCount)
        } catch { throw VaultError(error, path: "") }
    }

    /// The code as it is written down: 44 bytes of ASCII without a newline.
    public func text() throws(VaultError) -> SecretBytes {
        do {
            var checked = try bytes.copy(0..<Self.byteCount).resized(to: Self.checkedCount)
            let sum = Self.checksum(checked.bytes)
            checked.overwrite(at: Self.byteCount, with: sum.rawSpan)
            var text = try SecretBytes(count: Self.textCount)
            var target = text.mutableBytes
            var position = 0
            for digit in 0..<Self.digitCount {
                if digit > 0, digit % 4 == 0 {
                    target.storeBytes(of: UInt8(ascii: "-"), toByteOffset: position, as: UInt8.self)
                    position += 1
                }
                var value = 0
                for bit in (digit * 5)..<(digit * 5 + 5) {
                    let byte = bit / 8 < checked.count ? checked.bytes.byte(at: bit / 8) : 0
                    value = value << 1 | Int(byte >> (7 - bit % 8) & 1)
                }
                let letter = Self.alphabet.rawSpan.byte(at: value)
                target.storeBytes(of: letter, toByteOffset: position, as: UInt8.self)
                position += 1
            }
            return text
        } catch { throw VaultError(error, path: "") }
    }

    private static let byteCount = 20
    private static let checkedCount = 22
    private static let digitCount = 36
    private static let alphabet: StaticString = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    private static func checksum(_ bytes: RawSpan) -> [UInt8] {
        Array(KeyedHash.digest(bytes.extracting(first: byteCount)).prefix(2))
    }

    private static func decode(_ text: borrowing SecretBytes, into decoded: inout SecretBytes) -> Bool {
        var target = decoded.mutableBytes
        var bit = 0
        for position in 0..<text.count {
            let character = text.bytes.byte(at: position)
            if character == UInt8(ascii: " ") || character == UInt8(ascii: "-") { continue }
            guard let value = digit(character), bit < digitCount * 5 else { return false }
            for shift in (0..<5).reversed() {
                let set = value >> shift & 1
                if bit < checkedCount * 8 {
                    let byte = target.byte(at: bit / 8) | set << (7 - bit % 8)
                    target.storeBytes(of: byte, toByteOffset: bit / 8, as: UInt8.self)
                } else if set != 0 {
                    return false
                }
                bit += 1
            }
        }
        guard bit == digitCount * 5 else { return false }
        let sum = checksum(decoded.bytes)
        return decoded.bytes.byte(at: byteCount) == sum[0] && decoded.bytes.byte(at: byteCount + 1) == sum[1]
    }

    private static func digit(_ character: UInt8) -> UInt8? {
        let upper = character >= UInt8(ascii: "a") ? character & 0xDF : character
        switch upper {
        case UInt8(ascii: "O"): return 0
        case UInt8(ascii: "I"), UInt8(ascii: "L"): return 1
        default:
            let found = (0..<32).first { alphabet.rawSpan.byte(at: $0) == upper }
            return found.map { UInt8($0) }
        }
    }
}
