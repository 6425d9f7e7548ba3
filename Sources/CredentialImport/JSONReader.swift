import AWSValues

/// The kinds of values in JSON; a string's bytes are unescaped where they lie.
enum JSONValue {
    case string(Range<Int>)
    case number(Range<Int>)
    case boolean
    case null
    case array
    case object
}

/// Reads the tokens of JSON strictly as RFC 8259 has them.
struct JSONReader {
    /// The line of the next byte, from 1.
    private(set) var line = 1
    private(set) var position: Int

    init(start: Int) {
        position = start
    }

    func fail(_ reason: String) -> ImportError { .malformedJSON(line: line, reason: reason) }

    /// The next byte that is not white space; nil at the end.
    mutating func peek(_ bytes: Span<UInt8>) -> UInt8? {
        while position < bytes.count {
            let byte = bytes[position]
            guard isBlank(byte) || isLineBreak(byte) else { return byte }
            let isHalf =
                byte == carriageReturn && position + 1 < bytes.count && bytes[position + 1] == lineFeed
            if isLineBreak(byte), !isHalf { line += 1 }
            position += 1
        }
        return nil
    }

    /// Steps over `byte` when it comes next.
    mutating func take(_ byte: Unicode.Scalar, _ bytes: Span<UInt8>) -> Bool {
        guard peek(bytes) == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    /// Steps over `byte`, which must come next.
    mutating func expect(_ byte: Unicode.Scalar, _ bytes: Span<UInt8>) throws(ImportError) {
        guard take(byte, bytes) else {
            throw fail(position == bytes.count ? "it ends early" : "'\(byte)' is missing")
        }
    }

    /// Reads a value that is neither an array nor an object.
    mutating func scalar(_ bytes: inout MutableSpan<UInt8>) throws(ImportError) -> JSONValue {
        switch peek(bytes.span) {
        case quote: return .string(try string(&bytes))
        case UInt8(ascii: "t"): return try word("true", .boolean, bytes.span)
        case UInt8(ascii: "f"): return try word("false", .boolean, bytes.span)
        case UInt8(ascii: "n"): return try word("null", .null, bytes.span)
        case nil: throw fail("it ends early")
        default: return .number(try number(bytes.span))
        }
    }

    /// Reads a string; the range is that of its unescaped bytes.
    mutating func string(_ bytes: inout MutableSpan<UInt8>) throws(ImportError) -> Range<Int> {
        try expect("\"", bytes.span)
        let start = position
        var end = start
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case quote: return start..<end
            case 0..<0x20: throw fail("a control character in a string")
            case UInt8(ascii: "\\"): try unescape(&bytes, to: &end)
            default:
                bytes[end] = byte
                end += 1
            }
            guard position - start <= ImportLimits.lineBytes else {
                throw fail("a string longer than \(ImportLimits.lineBytes) bytes")
            }
        }
        throw fail("it ends inside a string")
    }

    /// Writes what the escape at the position stands for, which is never longer than the escape.
    private mutating func unescape(
        _ bytes: inout MutableSpan<UInt8>, to end: inout Int
    ) throws(ImportError) {
        guard position < bytes.count else { throw fail("it ends inside a string") }
        let byte = bytes[position]
        position += 1
        let scalar: Unicode.Scalar
        switch byte {
        case quote, UInt8(ascii: "\\"), UInt8(ascii: "/"): scalar = Unicode.Scalar(byte)
        case UInt8(ascii: "b"): scalar = "\u{8}"
        case UInt8(ascii: "f"): scalar = "\u{C}"
        case UInt8(ascii: "n"): scalar = "\n"
        case UInt8(ascii: "r"): scalar = "\r"
        case UInt8(ascii: "t"): scalar = "\t"
        case UInt8(ascii: "u"): scalar = try unicodeEscape(bytes.span)
        default: throw fail("an unknown escape in a string")
        }
        for unit in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
            bytes[end] = unit
            end += 1
        }
    }

    private mutating func unicodeEscape(_ bytes: Span<UInt8>) throws(ImportError) -> Unicode.Scalar {
        let unit = try hexadecimal(bytes)
        if let scalar = Unicode.Scalar(unit) { return scalar }
        guard unit < 0xDC00, position + 6 <= bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw fail("half of a surrogate pair") }
        position += 2
        let low = try hexadecimal(bytes)
        guard (0xDC00...0xDFFF).contains(low),
            let scalar = Unicode.Scalar(0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00))
        else { throw fail("half of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal(_ bytes: Span<UInt8>) throws(ImportError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw fail("it ends inside a string") }
        var value: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Hex.value(of: bytes[position]) else {
                throw fail("an escape without four hexadecimal digits")
            }
            value = value << 4 | UInt16(digit)
            position += 1
        }
        return value
    }

    private mutating func word(
        _ text: String, _ value: JSONValue, _ bytes: Span<UInt8>
    ) throws(ImportError) -> JSONValue {
        let end = position + text.utf8.count
        guard end <= bytes.count, bytes.extracting(position..<end).isEqual(to: text) else {
            throw fail("a missing value")
        }
        position = end
        return value
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(ImportError) -> Range<Int> {
        let start = position
        skip("-", bytes)
        let first = position
        guard digits(bytes) > 0 else { throw fail("a missing value") }
        if bytes[first] == UInt8(ascii: "0"), position > first + 1 {
            throw fail("a number with a leading zero")
        }
        if skip(".", bytes), digits(bytes) == 0 {
            throw fail("a number without digits after its decimal point")
        }
        if skip("e", bytes) || skip("E", bytes) {
            if !skip("-", bytes) { skip("+", bytes) }
            if digits(bytes) == 0 { throw fail("a number without digits in its exponent") }
        }
        return start..<position
    }

    @discardableResult
    private mutating func skip(_ byte: Unicode.Scalar, _ bytes: Span<UInt8>) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: byte) else { return false }
        position += 1
        return true
    }

    private mutating func digits(_ bytes: Span<UInt8>) -> Int {
        let start = position
        while position < bytes.count, bytes[position].isDigit { position += 1 }
        return position - start
    }
}
