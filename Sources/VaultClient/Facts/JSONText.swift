import AWSValues

/// JSON of facts that are no secrets, for `--json`.
package indirect enum JSONText {
    case string(String)
    case number(Int64)
    case boolean(Bool)
    case array([JSONText])
    /// The members in their order; one that is nil is left out.
    case object([(String, JSONText?)])

    /// One line of ASCII.
    package var text: String {
        var output = ""
        write(to: &output)
        return output
    }

    private func write(to output: inout String) {
        switch self {
        case .string(let text): Self.quote(text, to: &output)
        case .number(let number): output += String(number)
        case .boolean(let value): output += value ? "true" : "false"
        case .array(let elements):
            output += "["
            for (index, element) in elements.enumerated() {
                if index > 0 { output += "," }
                element.write(to: &output)
            }
            output += "]"
        case .object(let members):
            output += "{"
            var isFirst = true
            for (key, value) in members {
                guard let value else { continue }
                if !isFirst { output += "," }
                isFirst = false
                Self.quote(key, to: &output)
                output += ":"
                value.write(to: &output)
            }
            output += "}"
        }
    }

    private static func quote(_ text: String, to output: inout String) {
        output += "\""
        for unit in text.utf16 {
            switch unit {
            case 0x22: output += "\\\""
            case 0x5C: output += "\\\\"
            case 0x20..<0x7F: output.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
            default:
                output += "\\u" + Hex.text(unit)
            }
        }
        output += "\""
    }
}
