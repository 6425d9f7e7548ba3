/// The text of a policy, as far as it is looked at here: AWS reads it.
enum PolicyText {
    /// Whether it is one object of JSON, as far as its brackets and strings tell.
    static func isObject(_ text: String) -> Bool {
        var open: [UInt8] = []
        var isString = false
        var isEscaped = false
        var isEnded = false
        for byte in text.utf8 {
            if isString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                } else if byte < 0x20 {
                    return false
                }
                continue
            }
            if [0x20, 0x0A, 0x0D, 0x09].contains(byte) { continue }
            guard !isEnded else { return false }
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                guard open.count < 32, !open.isEmpty || byte == UInt8(ascii: "{") else { return false }
                open.append(byte)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard let last = open.popLast(), last + 2 == byte else { return false }
                isEnded = open.isEmpty
            case UInt8(ascii: "\""): isString = true
            default: if byte < 0x20 || byte > 0x7E { return false }
            }
            guard !open.isEmpty || isEnded else { return false }
        }
        return isEnded
    }

    /// The same without blanks between its parts.
    static func compact(_ text: String) -> String {
        var result: [UInt8] = []
        var isString = false
        var isEscaped = false
        for byte in text.utf8 {
            if isString {
                result.append(byte)
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isString = false
                }
                continue
            }
            if [0x20, 0x0A, 0x0D, 0x09].contains(byte) { continue }
            isString = byte == UInt8(ascii: "\"")
            result.append(byte)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
