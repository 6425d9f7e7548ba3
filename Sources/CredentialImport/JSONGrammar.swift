/// JSON of which only the grammar is looked at, strictly as RFC 8259 has it.
package enum JSONGrammar {
    /// Checks that a text is one object, with nothing behind it.
    ///
    /// - Throws: ``ImportError/malformedJSON(line:reason:)``.
    package static func requireObject(_ text: String) throws(ImportError) {
        // Strings are unescaped where they lie.
        var copy = Array(text.utf8)
        var bytes = copy.mutableSpan
        var reader = JSONReader(start: 0)
        guard reader.peek(bytes.span) == UInt8(ascii: "{") else { throw reader.fail("'{' is missing") }
        try value(&bytes, &reader, depth: 0)
        guard reader.peek(bytes.span) == nil else { throw reader.fail("text follows its end") }
    }

    private static func value(
        _ bytes: inout MutableSpan<UInt8>, _ reader: inout JSONReader, depth: Int
    ) throws(ImportError) {
        guard depth <= ImportLimits.jsonDepth else {
            throw reader.fail("more than \(ImportLimits.jsonDepth) nested arrays and objects")
        }
        switch reader.peek(bytes.span) {
        case UInt8(ascii: "{"):
            try reader.expect("{", bytes.span)
            if reader.take("}", bytes.span) { return }
            repeat {
                guard reader.peek(bytes.span) == quote else {
                    throw reader.fail("a missing or unquoted name")
                }
                _ = try reader.string(&bytes)
                try reader.expect(":", bytes.span)
                try value(&bytes, &reader, depth: depth + 1)
            } while reader.take(",", bytes.span)
            try reader.expect("}", bytes.span)
        case UInt8(ascii: "["):
            try reader.expect("[", bytes.span)
            if reader.take("]", bytes.span) { return }
            repeat { try value(&bytes, &reader, depth: depth + 1) } while reader.take(",", bytes.span)
            try reader.expect("]", bytes.span)
        default: _ = try reader.scalar(&bytes)
        }
    }
}
