/// Text in URLs, as signatures want it: everything but unreserved characters as `%XX`, in upper case.
///
/// Source: RFC 3986, 2.3 and 5.2.4.
package enum PercentEncoding {
    /// Encodes a name or a value of a query or a form.
    package static func encode(_ text: some StringProtocol) -> String {
        encode(Array(text.utf8), keeping: [])
    }

    /// The path of a canonical request.
    static func path(_ path: String, isNormalized: Bool) -> String {
        let path = isNormalized ? normalized(path) : path
        return encode(Array(path.utf8), keeping: [UInt8(ascii: "/")])
    }

    /// The query of a canonical request, sorted; what was encoded already is not encoded twice.
    static func query(_ query: String) -> String {
        let pairs = query.split(separator: "&").map { pair -> (name: [UInt8], value: [UInt8]) in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count > 1 ? parts[1] : ""
            return (encoded(parts[0]), encoded(value))
        }
        let sorted = pairs.sorted { one, other in
            one.name == other.name
                ? one.value.lexicographicallyPrecedes(other.value)
                : one.name.lexicographicallyPrecedes(other.name)
        }
        return sorted.map {
            String(decoding: $0.name, as: UTF8.self) + "=" + String(decoding: $0.value, as: UTF8.self)
        }.joined(separator: "&")
    }

    private static func encoded(_ text: Substring) -> [UInt8] {
        Array(encode(decoded(Array(text.utf8)), keeping: []).utf8)
    }

    private static func normalized(_ path: String) -> String {
        var segments: [Substring] = []
        for segment in path.split(separator: "/") where segment != "." {
            if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
        }
        let isFolder = path.hasSuffix("/") && !segments.isEmpty
        return "/" + segments.joined(separator: "/") + (isFolder ? "/" : "")
    }

    private static func encode(_ bytes: [UInt8], keeping kept: [UInt8]) -> String {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        for byte in bytes {
            if isUnreserved(byte) || kept.contains(byte) {
                result.append(byte)
            } else {
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func decoded(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position] == UInt8(ascii: "%"), position + 2 < bytes.count,
                let high = digits.firstIndex(of: upper(bytes[position + 1])),
                let low = digits.firstIndex(of: upper(bytes[position + 2]))
            {
                result.append(UInt8(high << 4 | low))
                position += 3
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return result
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func upper(_ byte: UInt8) -> UInt8 {
        (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte) ? byte - 32 : byte
    }

    package static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
