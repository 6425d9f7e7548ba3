import AWSConfigGrammar
import AWSValues

/// What stands in a difference instead of anything that may be secret.
let redacted = "<REDACTED>"

extension ConfigDocument {
    /// A line for a person: only what is known to be harmless, with control characters escaped.
    ///
    /// Comments and lines outside of a section that we understand may hold anything, an old key as well
    /// as a pasted one, and are not shown.
    func shown(_ index: Int) -> String {
        let line = lines[index]
        let understood = section(ofLine: index)?.isUnderstood(in: kind) ?? false
        let bytes = octets
        // Longer ones would not be shown whole, and searching them takes its time.
        guard line.content.count <= longestText else { return redacted }
        let text = bytes.trimmed(line.content).content
        switch line.kind {
        case .blank: return ""
        case .comment:
            if let command = KeptCommand.command(bytes, line.content) {
                let isHarmless = understood && !Self.maySecret(bytes, command)
                return KeptCommand.prefix + (isHarmless ? Self.shownText(bytes, command) : redacted)
            }
            return "\(Character(Unicode.Scalar(bytes[text.lowerBound]))) \(redacted)"
        case .unreadable: return redacted
        case .header: return understood ? Self.header(bytes, text) : redacted
        case .setting, .continuation:
            guard understood, let setting = setting(ofLine: index) else { return redacted }
            return Self.setting(bytes, line, setting)
        }
    }

    private static func header(_ bytes: Span<UInt8>, _ text: Range<Int>) -> String {
        let close = bytes.lastIndex(of: UInt8(ascii: "]"), in: text) ?? text.upperBound - 1
        let header = shownText(bytes, text.lowerBound..<(close + 1))
        return close + 1 == text.upperBound ? header : "\(header) \(redacted)"
    }

    private static func setting(_ bytes: Span<UInt8>, _ line: ConfigLine, _ setting: ConfigSetting) -> String
    {
        let name = setting.nameRange
        guard isPlainName(bytes, name) else { return redacted }
        let content = bytes.trimmed(line.content).content
        let isFirst = name.lowerBound == content.lowerBound
        if isFirst, setting.name == .credentialProcess, let command = bytes.text(setting.value),
            HelperCommand.isOurs(command)
        {
            return shownText(bytes, line.content)
        }
        let harmless = !maySecret(bytes, name) && !maySecret(bytes, content)
        if harmless { return shownText(bytes, line.content) }
        let indent = line.content.lowerBound..<content.lowerBound
        return shownText(bytes, indent) + (isFirst ? "\(shownText(bytes, name)) = \(redacted)" : redacted)
    }

    /// Whether a name looks like a setting's, and not like a piece of a key that stands alone.
    private static func isPlainName(_ bytes: Span<UInt8>, _ name: Range<Int>) -> Bool {
        name.count <= 64
            && name.allSatisfy { position in
                let byte = bytes[position]
                return byte.isLetter || byte.isDigit || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
            }
    }

    private static func maySecret(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Bool {
        ["secret", "token", "password", "passwd", "passphrase", "key"].contains {
            bytes.mentions($0, in: range)
        }
    }

    private static func shownText(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        guard let text = bytes.text(range) else { return redacted }
        return escaped(text)
    }
}
