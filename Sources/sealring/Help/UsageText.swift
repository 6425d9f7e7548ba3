import ProgramSupport

/// The parser's errors in the words of this program's own.
enum UsageText {
    static func text(_ message: String) -> String {
        let line = message.split(separator: "\n").first.map(String.init) ?? "invalid arguments"
        var text = String((line.prefix(1).lowercased() + line.dropFirst()).prefix(300)).printable
        text = text.replacing(". Did you mean", with: ": did you mean")
            .replacing("missing expected argument '", with: "missing argument '")
        if let (value, option) = parts(of: text, "the value '", "' is invalid for '") {
            text = "invalid value '\(value)' for '\(option)"
        } else if let (one, other) = parts(
            of: text, "value to be set with flag '", "' had already been set with flag '")
        {
            text = "'\(other) and '\(one)' cannot be used together"
        }
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }

    /// The text between `start` and `middle`, and the text after `middle`; nil if the message does not begin with `start`
    /// or does not contain `middle`.
    private static func parts(of text: String, _ start: String, _ middle: String) -> (Substring, Substring)? {
        guard text.hasPrefix(start), let found = text.ranges(of: middle).first else { return nil }
        return (text[..<found.lowerBound].dropFirst(start.count), text[found.upperBound...])
    }
}
