import AWSValues
package import SecureMemory

/// The answer that AWS clients expect of a `credential_process`: one line of JSON.
///
/// Source: <https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html>. Absent values
/// are left out, since an empty one breaks several clients.
package enum CredentialProcessJSON {
    /// The most that every client reads.
    package static let limit = 8 << 10

    /// Whether the bytes can be one object on one line, which is all that a client reads.
    package static func isLine(_ json: RawSpan) -> Bool {
        guard json.byteCount > 2, json.byteCount <= limit, json.byte(at: 0) == UInt8(ascii: "{"),
            json.byte(at: json.byteCount - 2) == UInt8(ascii: "}"),
            json.byte(at: json.byteCount - 1) == UInt8(ascii: "\n")
        else { return false }
        return json.extracting(droppingLast: 1).allSatisfy { (0x20...0x7E).contains($0) }
    }

    /// Why no answer could be made.
    package enum EncodingError: Error, Equatable, Sendable {
        /// The answer would pass ``limit``.
        case tooLong
        /// A value is no valid UTF-8, which JSON cannot hold.
        case notText
        /// Secret memory could not be had.
        case memory(SecureMemoryError)
    }

    /// The answer, newline included, in secret memory of its own.
    ///
    /// - Parameter expiration: Unix seconds; nil for credentials that do not end.
    package static func encode(
        accessKeyID: RawSpan, secretAccessKey: RawSpan, sessionToken: RawSpan?, expiration: Int64?,
        accountID: RawSpan?
    ) throws(EncodingError) -> SecretBuffer {
        var buffer: SecretBuffer
        do { buffer = try SecretBuffer(capacity: 4000, limit: limit) } catch { throw .memory(error) }
        try append(
            to: &buffer, accessKeyID: accessKeyID, secretAccessKey: secretAccessKey,
            sessionToken: sessionToken, expiration: expiration, accountID: accountID)
        return buffer
    }

    /// Appends the answer, newline included. After an error the buffer may hold the beginning of one.
    package static func append(
        to buffer: inout SecretBuffer, accessKeyID: RawSpan, secretAccessKey: RawSpan,
        sessionToken: RawSpan?, expiration: Int64?, accountID: RawSpan?
    ) throws(EncodingError) {
        let start = buffer.count
        try buffer.appendText("{\"Version\":1")
        try buffer.appendMember("AccessKeyId", accessKeyID)
        try buffer.appendMember("SecretAccessKey", secretAccessKey)
        if let sessionToken { try buffer.appendMember("SessionToken", sessionToken) }
        if let expiration { try buffer.appendMember("Expiration", Timestamp.format(expiration).rawSpan) }
        if let accountID { try buffer.appendMember("AccountId", accountID) }
        try buffer.appendText("}\n")
        guard buffer.count - start <= limit else { throw .tooLong }
    }
}

extension SecretBuffer {
    private typealias EncodingError = CredentialProcessJSON.EncodingError

    fileprivate mutating func appendText(
        _ text: StaticString
    ) throws(CredentialProcessJSON.EncodingError) {
        try appendBytes(text.rawSpan)
    }

    fileprivate mutating func appendMember(
        _ key: StaticString, _ value: RawSpan
    ) throws(CredentialProcessJSON.EncodingError) {
        try appendText(",\"")
        try appendText(key)
        try appendText("\":\"")
        var position = 0
        while position < value.byteCount {
            var end = position
            while end < value.byteCount, Self.isPlain(value.byte(at: end)) { end += 1 }
            try appendBytes(value.extracting(position..<end))
            position = end
            guard position < value.byteCount else { break }
            position += try appendEscaped(value, at: position)
        }
        try appendText("\"")
    }

    private mutating func appendEscaped(
        _ value: RawSpan, at position: Int
    ) throws(EncodingError) -> Int {
        guard let (scalar, length) = UTF8Text.scalar(in: value.octets, at: position) else { throw .notText }
        if scalar < 0x10000 {
            try appendEscape(scalar)
        } else {
            try appendEscape(0xD800 + (scalar - 0x10000) >> 10)
            try appendEscape(0xDC00 + (scalar - 0x10000) & 0x3FF)
        }
        return length
    }

    private mutating func appendEscape(_ unit: UInt32) throws(EncodingError) {
        try appendText("\\u")
        for shift in [12, 8, 4, 0] as [UInt32] {
            let isAppended: Bool
            do { isAppended = try append(littleEndian: Hex.digit(UInt8(unit >> shift & 15))) } catch {
                throw .memory(error)
            }
            guard isAppended else { throw .tooLong }
        }
    }

    private mutating func appendBytes(_ bytes: RawSpan) throws(EncodingError) {
        let isAppended: Bool
        do { isAppended = try append(bytes) } catch { throw .memory(error) }
        guard isAppended else { throw .tooLong }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
