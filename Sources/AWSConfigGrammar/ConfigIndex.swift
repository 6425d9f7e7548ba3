/// One line of the file: where it is, and how botocore reads it.
package struct ConfigLine: Sendable {
    package enum Kind: UInt8, Sendable {
        case blank, comment, header, setting
        /// Indented deeper than the setting above, and so a part of its value.
        case continuation
        /// A line that botocore cannot read.
        case unreadable
    }

    package let kind: Kind
    private let start: UInt32
    private let contentEnd: UInt32
    private let end: UInt32

    init(kind: Kind, content: Range<Int>, end: Int) {
        self.kind = kind
        start = UInt32(content.lowerBound)
        contentEnd = UInt32(content.upperBound)
        self.end = UInt32(end)
    }

    /// The bytes with the line's end.
    package var range: Range<Int> { Int(start)..<Int(end) }
    /// The bytes without the line's end, with the white space at both sides.
    package var content: Range<Int> { Int(start)..<Int(contentEnd) }
    /// The line's end: LF, CRLF, CR, or nothing at the end of the file.
    package var terminator: Range<Int> { Int(contentEnd)..<Int(end) }
}

/// One setting with the lines that continue it.
package struct ConfigSetting: Sendable {
    package let name: SettingName?
    package let nameRange: Range<Int>
    /// The value on the setting's own line, without white space around it.
    package let value: Range<Int>
    /// From the setting's line to its last continuation; comments and blank lines between are included.
    package internal(set) var lines: Range<Int>

    package var isOnOneLine: Bool { lines.count == 1 }
}

/// A header and what follows it up to the next one.
package struct ConfigSection: Sendable {
    /// The text between the brackets; nil when it is too long or no UTF-8.
    package let header: String?
    /// The profile that botocore takes from this section.
    package let profile: String?
    /// The profile that other clients or a reader would take it for, though botocore does not.
    package let lookalike: String?
    /// The header's line and all after it.
    package internal(set) var lines: Range<Int>
    /// Indexes into the document's settings.
    package internal(set) var settings: Range<Int>

    /// Whether every profile inherits the settings, as Python's configparser has it.
    package var isDefaults: Bool { header == "DEFAULT" }

    init(header: String?, seemingHeader: String?, kind: ConfigKind, line: Int, setting: Int) {
        self.header = header
        profile = header.flatMap(kind.profile)
        let seeming = seemingHeader.flatMap(kind.profile)
        lookalike = seeming == profile ? nil : seeming
        lines = line..<(line + 1)
        settings = setting..<setting
    }

    /// Whether we know what the section is for, so that its harmless lines may be shown.
    package func isUnderstood(in kind: ConfigKind) -> Bool {
        guard let header else { return false }
        if profile != nil || isDefaults { return true }
        return kind == .config && (header.hasPrefix("sso-session ") || header.hasPrefix("services "))
    }
}

/// Which of the two files a document is.
package enum ConfigKind: Sendable {
    /// `~/.aws/config`: `[default]` and `[profile NAME]`.
    case config
    /// `~/.aws/credentials`: `[NAME]`.
    case credentials

    /// The profile that a header names to botocore, or nil.
    package func profile(_ header: String) -> String? {
        if self == .credentials { return header == "DEFAULT" ? nil : header }
        if header == "default" { return header }
        // Byte for byte: a combining mark behind "profile" is a part of the letter to Swift, not to Python.
        guard header.utf8.starts(with: "profile".utf8), let words = shellWords(header), words.count == 2
        else { return nil }
        return words[1]
    }
}

/// A text as a key of sets and dictionaries byte by byte: to `String`, composed and decomposed letters are
/// the same, to Python and to AWS they are not.
package struct ExactText: Hashable, Sendable {
    package let text: String

    package init(_ text: String) { self.text = text }

    package static func == (one: Self, other: Self) -> Bool { same(one.text, other.text) }

    package func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(0xFF as UInt8)
    }
}
