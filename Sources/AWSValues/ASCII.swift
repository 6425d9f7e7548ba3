extension UInt8 {
    /// Whether the byte is one of `0` to `9` in ASCII.
    package var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    /// Whether the byte is one of `a` to `z` in ASCII.
    package var isLowercaseLetter: Bool { self >= 0x61 && self <= 0x7A }

    /// Whether the byte is one of `A` to `Z` in ASCII.
    package var isUppercaseLetter: Bool { self >= 0x41 && self <= 0x5A }

    /// Whether the byte is an ASCII letter.
    package var isLetter: Bool { isLowercaseLetter || isUppercaseLetter }

    /// The byte, with an ASCII letter in lower case.
    package var lowercased: UInt8 { isUppercaseLetter ? self | 0x20 : self }

    /// Whether the byte is ASCII that leaves a mark: no blank, no control character.
    package var isVisible: Bool { self >= 0x21 && self <= 0x7E }
}

extension Span<UInt8> {
    /// Whether the bytes are those of `text`; not for comparing secrets, since the time tells how far they agree.
    package func isEqual(to text: String) -> Bool { isEqual(to: text.utf8.span) }

    /// Whether both are the same bytes; not for comparing secrets with what an attacker chose.
    package func isEqual(to other: Span<UInt8>) -> Bool { count == other.count && hasPrefix(other) }

    /// Whether the bytes begin with those of `text`.
    package func hasPrefix(_ text: String) -> Bool { hasPrefix(text.utf8.span) }

    private func hasPrefix(_ other: Span<UInt8>) -> Bool {
        guard count >= other.count else { return false }
        for position in other.indices where self[position] != other[position] { return false }
        return true
    }

    /// Whether every byte passes.
    package func allSatisfy(_ test: (UInt8) -> Bool) -> Bool {
        for position in indices where !test(self[position]) { return false }
        return true
    }
}

extension RawSpan {
    /// The same bytes one by one, as the rules for values take them.
    package var octets: Span<UInt8> {
        @_lifetime(copy self)
        get { Span(_bytes: self) }
    }
}
