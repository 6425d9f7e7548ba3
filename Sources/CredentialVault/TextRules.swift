/// What the format accepts as text, name, access key id and account id.
package enum TextRules {
    /// Whether the bytes are `[A-Za-z][A-Za-z0-9._@+/-]{0,127}`.
    package static func isName(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard (1...VaultFormat.nameLimit).contains(bytes.count), isLetter(unsafe bytes[0]) else {
            return false
        }
        return unsafe bytes.allSatisfy { byte in
            if isLetter(byte) || isDigit(byte) { return true }
            switch byte {
            case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "@"), UInt8(ascii: "+"),
                UInt8(ascii: "/"), UInt8(ascii: "-"):
                return true
            default: return false
            }
        }
    }

    /// Whether the bytes are `[A-Z0-9]{16,128}`.
    package static func isAccessKeyID(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard (16...128).contains(bytes.count) else { return false }
        return unsafe bytes.allSatisfy { isDigit($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    /// Whether the bytes are 12 digits.
    package static func isAccountID(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard bytes.count == 12 else { return false }
        return unsafe bytes.allSatisfy(isDigit)
    }

    /// Whether the bytes are valid UTF-8 without C0, DEL and C1 characters.
    package static func isPlainText(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var position = 0
        while position < bytes.count {
            let byte = unsafe bytes[position]
            if byte < 0x80 {
                guard byte >= 0x20, byte != 0x7F else { return false }
                position += 1
                continue
            }
            let length = unsafe sequenceLength(bytes, at: position)
            guard length > 0 else { return false }
            position += length
        }
        return true
    }

    /// As the functions on bytes, for text that is no secret.
    package static func check(_ text: String, _ rule: (UnsafeRawBufferPointer) -> Bool) -> Bool {
        var text = text
        return text.withUTF8 { unsafe rule(UnsafeRawBufferPointer($0)) }
    }

    /// The length of the well-formed sequence of two to four bytes at `position` (Unicode, table 3-7), or 0;
    /// 0 for the C1 characters as well.
    private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, at position: Int) -> Int {
        let lead = unsafe bytes[position]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2: (length, second) = (2, 0xA0...0xBF)
        case 0xC3...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return 0
        }
        guard position + length <= bytes.count, second.contains(unsafe bytes[position + 1]) else { return 0 }
        for offset in 2..<max(length, 2)
        where !(0x80...0xBF).contains(unsafe bytes[position + offset]) { return 0 }
        return length
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
