import AWSValues
package import SecureMemory
package import VaultCrypto

/// A request in the one form that client and service hash alike.
package struct CanonicalRequest: ~Copyable {
    /// The names of the headers that are signed, in lower case, sorted, parted by `;`.
    package let signedHeaders: String
    private let text: SecretBuffer

    /// The most bytes of a canonical request.
    package static let limit = 128 << 10

    /// - Parameters:
    ///   - path: as it is sent, before it is percent-encoded; `/` for query services.
    ///   - query: what follows the `?`, percent-encoded or not.
    ///   - headers: names and values; several of one name are one list, in their order.
    ///   - token: the session token, which is signed as `x-amz-security-token`.
    ///   - bodyDigest: SHA-256 of the body in hex.
    ///   - isNormalized: whether `.`, `..` and empty segments of the path are resolved.
    package init(
        method: String, path: String, query: String = "", headers: [(name: String, value: String)],
        token: RawSpan? = nil, bodyDigest: String, isNormalized: Bool = true
    ) throws(RequestError) {
        var lines = Self.joined(headers)
        let tokenName = "x-amz-security-token"
        if token != nil { lines.append((tokenName, "")) }
        lines.sort { Array($0.name.utf8).lexicographicallyPrecedes(Array($1.name.utf8)) }
        signedHeaders = lines.map(\.name).joined(separator: ";")

        var text = try Self.buffer()
        try text.appendText("\(method)\n\(PercentEncoding.path(path, isNormalized: isNormalized))\n")
        try text.appendText("\(PercentEncoding.query(query))\n")
        for line in lines {
            try text.appendText("\(line.name):\(line.value)")
            if line.name == tokenName, let token { try text.appendSecret(token) }
            try text.appendText("\n")
        }
        try text.appendText("\n\(signedHeaders)\n\(bodyDigest)")
        self.text = text
    }

    /// SHA-256 in hex.
    package var digest: String { Hex.digest(text.bytes) }

    /// What is hashed.
    package var bytes: RawSpan {
        @_lifetime(borrow self)
        get { text.bytes }
    }

    private static func buffer() throws(RequestError) -> SecretBuffer {
        do { return try SecretBuffer(capacity: 2048, limit: limit) } catch { throw .memory(error) }
    }

    /// One line for each name, blanks around and inside of the values made one.
    private static func joined(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)]
    {
        var lines: [(name: String, value: String)] = []
        for (name, value) in headers {
            let name = name.lowercased()
            let value = value.split(whereSeparator: \.isWhitespace).joined(separator: " ")
            if let place = lines.firstIndex(where: { $0.name == name }) {
                lines[place].value += ",\(value)"
            } else {
                lines.append((name, value))
            }
        }
        return lines
    }
}

/// Why a request could not be made.
package enum RequestError: Error, Equatable, Sendable {
    /// It would have more bytes than a request may have.
    case tooLong
    /// A code or a token is missing, or is none.
    case noSecret
    /// The endpoint is another service's, or a signer is missing or too much.
    case mismatch
    case memory(SecureMemoryError)
    case crypto(CryptoError)
}

extension SecretBuffer {
    mutating func appendSecret(_ bytes: RawSpan) throws(RequestError) {
        let isAppended: Bool
        do { isAppended = try append(bytes) } catch { throw .memory(error) }
        guard isAppended else { throw .tooLong }
    }

    mutating func appendText(_ text: String) throws(RequestError) {
        let bytes = text.utf8
        try appendSecret(unsafe bytes.span.bytes)
    }
}
