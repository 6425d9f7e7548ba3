import AWSValues

/// The longest name or value that becomes text.
package let longestText = 4096

extension Span<UInt8> {
    /// The text of `range`; nil when it is longer than `limit` bytes or no UTF-8.
    package func text(_ range: Range<Int>, limit: Int = longestText) -> String? {
        guard range.count <= limit else { return nil }
        return unsafe extracting(range).withUnsafeBufferPointer {
            unsafe String(validating: $0, as: UTF8.self)
        }
    }

    package func holds(_ text: String, in range: Range<Int>) -> Bool {
        guard text.utf8.count == range.count else { return false }
        return zip(range, text.utf8).allSatisfy { self[$0] == $1 }
    }

    /// Whether the bytes of `range` are `name`, given in lower case, in any mix of cases.
    ///
    /// Python's `str.lower`, with which option names are compared, makes a `k` of the Kelvin sign too.
    package func holdsName(_ name: String, in range: Range<Int>) -> Bool {
        guard name.utf8.count <= range.count else { return false }
        var expected = name.utf8.makeIterator()
        var position = range.lowerBound
        while position < range.upperBound {
            let isKelvin =
                position + 2 < range.upperBound && self[position] == 0xE2
                && self[position + 1] == 0x84 && self[position + 2] == 0xAA
            let byte = isKelvin ? UInt8(ascii: "k") : self[position].lowercased
            guard expected.next() == byte else { return false }
            position += isKelvin ? 3 : 1
        }
        return expected.next() == nil
    }

    /// Calls `body` with the bytes of `range` in lower case, as Python's `str.lower` has them.
    func forEachLowercase(_ range: Range<Int>, _ body: (UInt8) -> Void) {
        var position = range.lowerBound
        while position < range.upperBound {
            let first = self[position]
            let length = first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
            guard length > 1, position + length <= range.upperBound else {
                body(first.lowercased)
                position += 1
                continue
            }
            var value = UInt32(first) & (0x7F >> UInt32(length))
            for index in (position + 1)..<(position + length) {
                value = value << 6 | UInt32(self[index]) & 0x3F
            }
            if let scalar = Unicode.Scalar(value) {
                for byte in scalar.properties.lowercaseMapping.utf8 { body(byte) }
            } else {
                for index in position..<(position + length) { body(self[index]) }
            }
            position += length
        }
    }

    /// Whether every line of a nested block has a `=`, as botocore wants it.
    ///
    /// - Parameter range: one line of the file, which `str.splitlines` takes for several where it has other
    ///   line breaks than the file's.
    func everyNestedLineIsASetting(_ range: Range<Int>) -> Bool {
        var position = range.lowerBound
        var hasText = false
        var hasDelimiter = false
        while position < range.upperBound {
            let length = whiteSpace(from: position, to: range.upperBound)
            if length > 0, isNestedLineBreak(position, length) {
                if hasText, !hasDelimiter { return false }
                (hasText, hasDelimiter) = (false, false)
            } else if length == 0 {
                hasText = true
                if self[position] == UInt8(ascii: "=") { hasDelimiter = true }
            }
            position += max(length, 1)
        }
        return !hasText || hasDelimiter
    }

    private func isNestedLineBreak(_ position: Int, _ length: Int) -> Bool {
        switch length {
        case 1: [0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E].contains(self[position])
        case 2: self[position + 1] == 0x85
        default: self[position] == 0xE2 && [0xA8, 0xA9].contains(self[position + 2])
        }
    }

    package func startsName(_ prefix: String, in range: Range<Int>) -> Bool {
        holdsName(prefix, in: range.prefix(prefix.utf8.count))
    }

    /// Whether `word`, in lower case, stands anywhere in `range`, in any mix of cases.
    package func mentions(_ word: String, in range: Range<Int>) -> Bool {
        range.indices.contains { holdsName(word, in: range[$0...].prefix(word.utf8.count)) }
    }

    package func firstIndex(of byte: UInt8, or other: UInt8, in range: Range<Int>) -> Int? {
        range.first { self[$0] == byte || self[$0] == other }
    }

    package func lastIndex(of byte: UInt8, in range: Range<Int>) -> Int? {
        range.last { self[$0] == byte }
    }

    /// The range without white space at both ends, and how many white characters stood before it.
    package func trimmed(_ range: Range<Int>) -> (content: Range<Int>, indent: Int) {
        var start = range.lowerBound
        var indent = 0
        while start < range.upperBound {
            let length = whiteSpace(from: start, to: range.upperBound)
            if length == 0 { break }
            start += length
            indent += 1
        }
        var end = range.upperBound
        while end > start {
            let length = whiteSpace(endingAt: end, from: start)
            if length == 0 { break }
            end -= length
        }
        return (start..<end, indent)
    }

    /// The number of bytes of the white character at `start`, 0 when there is none.
    ///
    /// White is what Python's `str.strip` takes off, because botocore reads the file with it.
    private func whiteSpace(from start: Int, to end: Int) -> Int {
        let first = self[start]
        if first < 0x80 { return isWhite(first) ? 1 : 0 }
        if start + 1 < end, isWhite(first, self[start + 1]) { return 2 }
        if start + 2 < end, isWhite(first, self[start + 1], self[start + 2]) { return 3 }
        return 0
    }

    private func whiteSpace(endingAt end: Int, from start: Int) -> Int {
        let last = self[end - 1]
        if last < 0x80 { return isWhite(last) ? 1 : 0 }
        if end - 2 >= start, isWhite(self[end - 2], last) { return 2 }
        if end - 3 >= start, isWhite(self[end - 3], self[end - 2], last) { return 3 }
        return 0
    }
}

private func isWhite(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0D).contains(byte) || (0x1C...0x1F).contains(byte)
}

private func isWhite(_ first: UInt8, _ second: UInt8) -> Bool {
    first == 0xC2 && (second == 0x85 || second == 0xA0)
}

private func isWhite(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> Bool {
    switch (first, second) {
    case (0xE1, 0x9A), (0xE3, 0x80): third == 0x80
    case (0xE2, 0x80): (0x80...0x8A).contains(third) || [0xA8, 0xA9, 0xAF].contains(third)
    case (0xE2, 0x81): third == 0x9F
    default: false
    }
}

/// Whether two texts are the same bytes; `==` on `String` treats equivalent spellings as equal.
package func same(_ one: String, _ other: String) -> Bool {
    one.utf8.elementsEqual(other.utf8)
}

/// Text of a file for a person: nothing in it steers a terminal, and it has an end.
package func escaped(_ text: String, limit: Int = 512) -> String { ShownText.escaped(text, limit: limit) }
