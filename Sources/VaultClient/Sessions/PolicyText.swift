/// The text of a policy, of which AWS counts each character.
package enum PolicyText {
    /// A document of JSON without blanks between its parts.
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
