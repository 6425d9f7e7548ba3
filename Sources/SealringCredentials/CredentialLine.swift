import AWSValues
import AgentProtocol
import SecureMemory

/// The members of the line that the agent answers with, which `CredentialProcessJSON` writes: an object of strings,
/// whose only escapes are those of UTF-16 units, and a version.
struct CredentialLine: ~Escapable {
    private let bytes: RawSpan
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    /// What the line says; nil when it is not such a line.
    static func credentials(_ bytes: RawSpan) throws(SecureMemoryError) -> AWSCredentials? {
        guard CredentialProcessJSON.isLine(bytes) else { return nil }
        var line = CredentialLine(bytes)
        // No value is longer than its text, and the two secrets lie behind each other.
        var secrets = try SecretBuffer(capacity: bytes.byteCount, limit: bytes.byteCount)
        var accessKeyID: String?
        var accountID: String?
        var expiration: Duration?
        var keyCount = 0
        guard line.skip("{\"Version\":1") else { return nil }
        while !line.skip("}\n") {
            guard line.skip(",\"") else { return nil }
            if line.skip("AccessKeyId\":\"") {
                accessKeyID = line.text()
            } else if line.skip("SecretAccessKey\":\"") {
                guard secrets.count == 0, try line.read(into: &secrets) else { return nil }
                keyCount = secrets.count
            } else if line.skip("SessionToken\":\"") {
                guard keyCount > 0, secrets.count == keyCount, try line.read(into: &secrets) else {
                    return nil
                }
            } else if line.skip("Expiration\":\"") {
                guard let seconds = line.text().flatMap({ Timestamp.seconds($0) }) else { return nil }
                expiration = .seconds(seconds)
            } else if line.skip("AccountId\":\"") {
                accountID = line.text()
            } else {
                return nil
            }
        }
        guard line.position == bytes.byteCount, let accessKeyID, keyCount > 0 else { return nil }
        let hasToken = secrets.count > keyCount
        return AWSCredentials(
            accessKeyID: accessKeyID, accountID: accountID, expiration: expiration,
            secrets: try secrets.finish(), keyCount: keyCount, hasToken: hasToken)
    }

    /// Passes over this text; false, with nothing passed over, when another stands there.
    private mutating func skip(_ text: StaticString) -> Bool {
        guard bytes.extracting(droppingFirst: position).hasPrefix(text.rawSpan) else { return false }
        position += text.utf8CodeUnitCount
        return true
    }

    /// A value without escapes that is no secret, and the quotation mark behind it.
    private mutating func text() -> String? {
        let start = position
        while position < bytes.byteCount {
            let byte = bytes.byte(at: position)
            if byte == UInt8(ascii: "\\") { return nil }
            position += 1
            if byte == UInt8(ascii: "\"") { return bytes.extracting(start..<(position - 1)).text(limit: 256) }
        }
        return nil
    }

    /// Appends a value to the buffer, with its escapes resolved; false when it is malformed.
    private mutating func read(into buffer: inout SecretBuffer) throws(SecureMemoryError) -> Bool {
        while position < bytes.byteCount {
            let start = position
            while position < bytes.byteCount, !Self.isSpecial(bytes.byte(at: position)) { position += 1 }
            guard try buffer.append(bytes.extracting(start..<position)) else { return false }
            if skip("\"") { return true }
            guard let scalar = escapedScalar(), try Self.append(scalar, to: &buffer) else { return false }
        }
        return false
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escapedScalar() -> Unicode.Scalar? {
        guard let first = escapedUnit() else { return nil }
        guard (0xD800..<0xDC00).contains(first) else { return Unicode.Scalar(first) }
        guard let second = escapedUnit(), (0xDC00..<0xE000).contains(second) else { return nil }
        return Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
    }

    private mutating func escapedUnit() -> UInt32? {
        guard skip("\\u"), bytes.byteCount - position >= 4 else { return nil }
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Self.hexDigit(bytes.byte(at: position)) else { return nil }
            unit = unit << 4 | digit
            position += 1
        }
        return unit
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        default: nil
        }
    }

    private static func append(
        _ scalar: Unicode.Scalar, to buffer: inout SecretBuffer
    ) throws(SecureMemoryError) -> Bool {
        guard let encoded = UTF8.encode(scalar) else { return false }
        for byte in encoded {
            guard try buffer.append(littleEndian: byte) else { return false }
        }
        return true
    }
}
