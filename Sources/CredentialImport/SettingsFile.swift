import AWSConfigGrammar
import AWSValues

/// `~/.aws/credentials` and `~/.aws/config`, read as botocore reads them.
///
/// Each section with a part of a key becomes a key, or a problem with its line: one that botocore would not
/// take, or would read differently from how it looks, is never left out silently.
struct SettingsFile {
    private let scanner: ConfigScanner
    private let kind: ConfigKind
    /// The settings that every profile inherits.
    private let defaults: SectionSettings
    /// The section that counts for each profile.
    private let counted: [ExactText: Int]

    /// - Parameter kind: nil when the file's name does not tell it.
    /// - Returns: which of the two files it is.
    static func read(
        _ bytes: Span<UInt8>, _ kind: ConfigKind?, _ source: SourceName, into findings: inout Findings
    ) throws(ImportError) -> ConfigKind {
        let file = try SettingsFile(bytes, kind)
        for warning in file.scanner.warnings where file.isNote(warning) { findings.note(warning.message) }
        for index in file.scanner.lines.indices where file.scanner.lines[index].kind == .unreadable {
            try findings.add(problem: file.unreadable(index, bytes), line: index + 1)
        }
        for (index, section) in file.scanner.sections.enumerated() {
            try file.read(section, at: index, in: bytes, from: source, into: &findings)
            file.readRole(of: section, in: bytes, into: &findings)
        }
        return file.kind
    }

    private init(_ bytes: Span<UInt8>, _ kind: ConfigKind?) throws(ImportError) {
        var scanner = try Self.scan(bytes, kind ?? .credentials)
        var found = kind ?? .credentials
        if kind == nil, scanner.sections.contains(where: Self.isOfConfig) {
            found = .config
            scanner = try Self.scan(bytes, .config)
        }
        self.scanner = scanner
        self.kind = found
        let inherited = scanner.sections.filter(\.isDefaults).flatMap { scanner.settings[$0.settings] }
        defaults = SectionSettings(inherited, bytes)
        counted = Self.counted(scanner.sections)
    }

    private static func scan(_ bytes: Span<UInt8>, _ kind: ConfigKind) throws(ImportError) -> ConfigScanner {
        var scanner = ConfigScanner(kind: kind)
        do throws(ConfigScanner.TooManyLines) {
            try scanner.scan(bytes)
        } catch {
            throw .tooManyLines(limit: ConfigScanner.lineLimit)
        }
        return scanner
    }

    /// Whether such a section is found in `~/.aws/config` only.
    private static func isOfConfig(_ section: ConfigSection) -> Bool {
        guard let header = section.header, header != "default" else { return false }
        return ConfigKind.config.profile(header) != nil || header.hasPrefix("sso-session ")
            || header.hasPrefix("services ")
    }

    private static func counted(_ sections: [ConfigSection]) -> [ExactText: Int] {
        var counted: [ExactText: Int] = [:]
        for (index, section) in sections.enumerated() {
            guard let profile = name(of: section) else { continue }
            let known = counted[ExactText(profile)]
            // The same header twice is an error to botocore, which leaves the first one as good as any. Of
            // two spellings of a profile the last one counts, unless botocore reads only the first.
            if let known, isSame(sections[known].header, section.header) { continue }
            if known == nil || section.profile != nil { counted[ExactText(profile)] = index }
        }
        return counted
    }

    /// The profile that a section is for, also where botocore does not read it as one.
    private static func name(of section: ConfigSection) -> String? {
        section.isDefaults ? nil : section.profile ?? section.lookalike ?? section.header
    }

    private static func isSame(_ one: String?, _ other: String?) -> Bool {
        guard let one, let other else { return false }
        return same(one, other)
    }

    /// Whether a finding is told beside the keys; the others become problems of their lines.
    private func isNote(_ warning: ConfigWarning) -> Bool {
        switch warning {
        case .unreadableLine, .headerWithoutBracket, .beforeFirstSection, .profileTwice: false
        default: true
        }
    }

    private func unreadable(_ index: Int, _ bytes: Span<UInt8>) -> String {
        if isBrokenHeader(index, bytes) { return "the section header has no closing bracket" }
        guard let first = scanner.sections.first, first.lines.lowerBound < index else {
            return "it comes before the first [section]"
        }
        return "neither a [section] nor a setting with '='"
    }

    private func isBrokenHeader(_ index: Int, _ bytes: Span<UInt8>) -> Bool {
        let line = scanner.lines[index]
        return line.kind == .unreadable
            && bytes[bytes.trimmed(line.content).content.lowerBound] == UInt8(ascii: "[")
    }

    /// The settings of a section up to a line that was meant to begin another one.
    private func settings(of section: ConfigSection, _ bytes: Span<UInt8>) -> ArraySlice<ConfigSetting> {
        let end = section.lines.first { isBrokenHeader($0, bytes) } ?? section.lines.upperBound
        return scanner.settings[section.settings].prefix { $0.lines.lowerBound < end }
    }

    private func read(
        _ section: ConfigSection, at index: Int, in bytes: Span<UInt8>, from source: SourceName,
        into findings: inout Findings
    ) throws(ImportError) {
        let line = section.lines.lowerBound + 1
        let own = SectionSettings(settings(of: section, bytes), bytes)
        guard own.holdsKey else { return try readWithoutKey(section, own, in: bytes, into: &findings) }
        if section.isDefaults {
            return try findings.add(
                problem: "[DEFAULT] is not a profile: its settings apply to every profile; name it [default]",
                line: own.firstLineOfKey ?? line)
        }
        guard let profile = Self.name(of: section), Self.isUsable(profile) else {
            return try findings.add(
                problem:
                    "invalid section name: it is empty, too long, not UTF-8, or contains control characters",
                line: line)
        }
        if let other = counted[ExactText(profile)], other != index {
            let first = scanner.sections[other].lines.lowerBound + 1
            return try findings.add(
                problem: "profile '\(escaped(profile))' has another section, on line \(first)", line: line,
                profile: profile)
        }
        if let fault = own.fault(bytes, scanner.lines) ?? defaults.fault(bytes, scanner.lines) {
            return try findings.add(
                problem: "profile '\(escaped(profile))': \(fault.reason)", line: fault.line, profile: profile)
        }
        guard !own.inheritsCredentials(of: defaults) else {
            return try findings.add(
                problem: "profile '\(escaped(profile))': [DEFAULT] sets part of its key; move that here",
                line: line, profile: profile)
        }
        if section.profile == nil, section.lookalike == nil {
            findings.note("the AWS CLI does not read line \(line) as a profile: write [profile NAME]")
        }
        if let hidden = hiddenKey(in: section, bytes) {
            findings.note("line \(hidden.line): \(hidden.reason)")
        }
        try findings.add(draft(of: own, profile, line), from: source, in: bytes)
    }

    /// Notes a role, which is not a key and is imported separately.
    private func readRole(
        of section: ConfigSection, in bytes: Span<UInt8>, into findings: inout Findings
    ) {
        guard let profile = section.profile, Self.isUsable(profile),
            let role = settings(of: section, bytes).first(where: { $0.name == .roleARN })
        else { return }
        findings.add(role: profile, line: role.lines.lowerBound + 1)
    }

    /// A section without a key for botocore: one that a person sees there is a problem.
    private func readWithoutKey(
        _ section: ConfigSection, _ own: SectionSettings, in bytes: Span<UInt8>, into findings: inout Findings
    ) throws(ImportError) {
        if let hidden = hiddenKey(in: section, bytes) {
            return try findings.add(problem: hidden.reason, line: hidden.line)
        }
        if own.holdsCredentials {
            findings.note("line \(section.lines.lowerBound + 1): a session token without an access key")
        }
    }

    /// The first line that looks like a part of a key, and that botocore reads as something else.
    private func hiddenKey(in section: ConfigSection, _ bytes: Span<UInt8>) -> (line: Int, reason: String)? {
        for setting in scanner.settings[section.settings] {
            let first = setting.lines.lowerBound + 1
            if bytes.isShellAssignmentOfKey(setting.nameRange) {
                return (first, "the AWS CLI does not read lines with 'export'")
            }
            for line in setting.lines.dropFirst() where scanner.lines[line].kind == .continuation {
                let text = bytes.trimmed(scanner.lines[line].content).content
                if bytes.beginsWithKeySetting(text) {
                    return (
                        line + 1,
                        "the line is indented, which makes it part of the setting on line \(first)"
                    )
                }
            }
        }
        return nil
    }

    private func draft(of own: SectionSettings, _ profile: String, _ line: Int) -> KeyDraft {
        func value(_ name: SettingName) -> Range<Int>? { (own[name] ?? defaults[name])?.value }
        let token = (own[.securityToken] ?? own[.sessionToken])?.value.filled
        let expiration = own.expiration ?? defaults.expiration
        var draft = KeyDraft(
            line: line, accessKeyID: value(.accessKeyID), secretAccessKey: value(.secretAccessKey),
            sessionToken: token, expiration: token == nil ? nil : expiration?.value,
            accountID: value(.accountID),
            region: value(.region), mfaSerial: value(.mfaSerial), profile: profile)
        for part in own.all + defaults.all {
            draft.lineOfPart[part.value.lowerBound] = part.lines.lowerBound + 1
        }
        return draft
    }

    private static func isUsable(_ name: String) -> Bool {
        let isBlank = name.unicodeScalars.allSatisfy { $0.properties.isWhitespace }
        return !isBlank && UTF8Text.isPlain(name)
    }
}
