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
    package static func isLine(_ json: UnsafeRawBufferPointer) -> Bool {
        guard json.count > 2, json.count <= limit, unsafe json[0] == UInt8(ascii: "{"),
            unsafe json[json.count - 2] == UInt8(ascii: "}"),
            unsafe json[json.count - 1] == UInt8(ascii: "\n")
        else { return false }
        for position in 0..<(json.count - 1)
        where unsafe json[position] < 0x20 || json[position] > 0x7E { return false }
        return true
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
        accessKeyID: UnsafeRawBufferPointer, secretAccessKey: UnsafeRawBufferPointer,
        sessionToken: UnsafeRawBufferPointer?, expiration: Int64?, accountID: UnsafeRawBufferPointer?
    ) throws(EncodingError) -> SecretBuffer {
        var buffer: SecretBuffer
        do { buffer = try SecretBuffer(capacity: 4000, limit: limit) } catch { throw .memory(error) }
        try unsafe append(
            to: &buffer, accessKeyID: accessKeyID, secretAccessKey: secretAccessKey,
            sessionToken: sessionToken, expiration: expiration, accountID: accountID)
        return buffer
    }

    /// Appends the answer, newline included. After an error the buffer may hold the beginning of one.
    package static func append(
        to buffer: inout SecretBuffer, accessKeyID: UnsafeRawBufferPointer,
        secretAccessKey: UnsafeRawBufferPointer, sessionToken: UnsafeRawBufferPointer?, expiration: Int64?,
        accountID: UnsafeRawBufferPointer?
    ) throws(EncodingError) {
        let start = buffer.count
        try buffer.appendText("{\"Version\":1")
        try unsafe buffer.appendMember("AccessKeyId", accessKeyID)
        try unsafe buffer.appendMember("SecretAccessKey", secretAccessKey)
        if let sessionToken = unsafe sessionToken {
            try unsafe buffer.appendMember("SessionToken", sessionToken)
        }
        if let expiration {
            let time = Timestamp.format(expiration)
            try unsafe time.span.bytes.withUnsafeBytes { (time) throws(EncodingError) in
                try unsafe buffer.appendMember("Expiration", time)
            }
        }
        if let accountID = unsafe accountID { try unsafe buffer.appendMember("AccountId", accountID) }
        try buffer.appendText("}\n")
        guard buffer.count - start <= limit else { throw .tooLong }
    }
}

extension SecretBuffer {
    private typealias EncodingError = CredentialProcessJSON.EncodingError

    fileprivate mutating func appendText(
        _ text: StaticString
    ) throws(CredentialProcessJSON.EncodingError) {
        try unsafe appendPiece(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    fileprivate mutating func appendMember(
        _ key: StaticString, _ value: UnsafeRawBufferPointer
    ) throws(CredentialProcessJSON.EncodingError) {
        try appendText(",\"")
        try appendText(key)
        try appendText("\":\"")
        var position = 0
        while position < value.count {
            var end = position
            while end < value.count, unsafe Self.isPlain(value[end]) { end += 1 }
            try unsafe appendPiece(UnsafeRawBufferPointer(rebasing: value[position..<end]))
            position = end
            guard position < value.count else { break }
            position += try unsafe appendEscaped(value, at: position)
        }
        try appendText("\"")
    }

    private mutating func appendEscaped(
        _ value: UnsafeRawBufferPointer, at position: Int
    ) throws(EncodingError) -> Int {
        let octets = unsafe value.bytes.octets
        guard let (scalar, length) = UTF8Text.scalar(in: octets, at: position) else { throw .notText }
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
            let character = Hex.digit(UInt8(unit >> shift & 15))
            try unsafe Swift.withUnsafeBytes(of: character) { (bytes) throws(EncodingError) in
                try unsafe appendPiece(bytes)
            }
        }
    }

    private mutating func appendPiece(_ bytes: UnsafeRawBufferPointer) throws(EncodingError) {
        let isAppended: Bool
        do { isAppended = try unsafe append(bytes) } catch { throw .memory(error) }
        guard isAppended else { throw .tooLong }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
