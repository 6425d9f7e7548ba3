/// UTF-8 in bytes that may be secret: checked where it lies, without a `String` and without tables.
package enum UTF8Text {
    /// The Unicode scalar that begins at `position`, and its length in bytes; nil where the bytes are ill-formed.
    ///
    /// Source: The Unicode Standard, table 3-7.
    package static func scalar(
        in bytes: Span<UInt8>, at position: Int
    ) -> (value: UInt32, length: Int)? {
        let lead = bytes[position]
        if lead < 0x80 { return (UInt32(lead), 1) }
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return nil
        }
        guard length <= bytes.count - position, second.contains(bytes[position + 1]) else { return nil }
        var value = UInt32(lead) & (0x7F >> UInt32(length))
        for place in (position + 1)..<(position + length) {
            guard bytes[place] & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(bytes[place] & 0x3F)
        }
        return (value, length)
    }

    /// Whether all of the bytes are well-formed.
    package static func isValid(_ bytes: Span<UInt8>) -> Bool { allScalars(bytes) { _ in true } }

    /// Whether the bytes are well-formed and free of control characters.
    package static func isPlain(_ bytes: Span<UInt8>) -> Bool { allScalars(bytes) { !isControl($0) } }

    /// Whether the text is free of control characters.
    package static func isPlain(_ text: String) -> Bool { isPlain(text.utf8.span) }

    /// Whether a scalar is a control character: C0, DEL or C1.
    package static func isControl(_ scalar: UInt32) -> Bool {
        scalar < 0x20 || (0x7F...0x9F).contains(scalar)
    }

    private static func allScalars(_ bytes: Span<UInt8>, _ test: (UInt32) -> Bool) -> Bool {
        var position = 0
        while position < bytes.count {
            guard let (value, length) = scalar(in: bytes, at: position), test(value) else { return false }
            position += length
        }
        return true
    }
}
