/// The name of an entry in a vault: `[A-Za-z][A-Za-z0-9._@+/-]{0,127}`.
///
/// Such a name means itself in a shell, in a profile's `credential_process` and in a path. It begins with a letter
/// because an older SDK for Go reads `970b00` as a number and ignores the whole file.
package enum EntryName {
    /// The most characters, each of which is one byte.
    package static var limit: Int { 128 }

    /// What a name must be, as a hint.
    package static var rule: String {
        "start with a letter, then use letters, digits and ._@+/-, up to \(limit) characters"
    }

    /// Whether the bytes are such a name.
    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        guard (1...limit).contains(bytes.count) else { return false }
        return bytes[0].isLetter && bytes.allSatisfy(isAllowed)
    }

    /// Whether the text is such a name.
    package static func isValid(_ text: String) -> Bool { isValid(text.utf8.span) }

    /// A valid name made of any text: each character that a name cannot have becomes `-`, and `k-` goes before a
    /// first character that is not a letter.
    package static func cleaned(_ text: String) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            guard name.utf8.count < limit else { break }
            let byte = UInt8(exactly: scalar.value)
            if name.isEmpty, byte?.isLetter != true { name = "k-" }
            name.unicodeScalars.append(byte.map(isAllowed) == true ? scalar : "-")
        }
        return name.isEmpty ? "key" : name
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "+"), UInt8(ascii: "/"),
            UInt8(ascii: "-"):
            true
        default: byte.isLetter || byte.isDigit
        }
    }
}
