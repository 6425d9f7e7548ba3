/// `~/.aws/credentials` and `~/.aws/config`, read as botocore does with Python's `RawConfigParser`.
///
/// A comment is a whole line; `#` and `;` inside of a value belong to it. A line that is indented deeper than
/// the setting before it continues that setting, so that a nested block hides what stands in it.
struct SettingsFile {
    private enum Setting: CaseIterable {
        case accessKeyID, secretAccessKey, sessionToken, securityToken, region, accountID

        var name: StaticString {
            switch self {
            case .accessKeyID: "aws_access_key_id"
            case .secretAccessKey: "aws_secret_access_key"
            case .sessionToken: "aws_session_token"
            case .securityToken: "aws_security_token"
            case .region: "region"
            case .accountID: "aws_account_id"
            }
        }
    }

    private struct Section {
        let line: Int
        let profile: String
        var values: [Setting: Range<Int>] = [:]
        private(set) var fault: (line: Int, reason: String)?

        /// Keeps the first reason why the section gives no key.
        mutating func note(_ reason: String, line: Int) {
            if fault == nil { fault = (line, reason) }
        }
    }

    private var section: Section?
    private var profiles: [String: Int] = [:]
    /// Where the last setting begins in its line, and which one it was; nil between a section's name and its
    /// first setting.
    private var last: (indent: Int, setting: Setting?)?

    static func read(
        _ bytes: Span<UInt8>, from start: Int, _ source: SourceName, into findings: inout Findings
    ) throws(ImportError) {
        var lines = LineReader(start: start)
        var file = SettingsFile()
        while let line = lines.next(bytes) {
            try file.take(line, lines.number, bytes, source, &findings)
        }
        try file.finishSection(bytes, source, &findings)
    }

    private mutating func take(
        _ line: Range<Int>, _ number: Int, _ bytes: Span<UInt8>, _ source: SourceName,
        _ findings: inout Findings
    ) throws(ImportError) {
        guard line.count <= ImportLimits.lineBytes else {
            return try abandonSection(
                "the line is longer than \(ImportLimits.lineBytes) bytes", number, bytes, source, &findings)
        }
        let content = stripped(line, bytes)
        if content.isEmpty || isComment(bytes[content.lowerBound]) { return }
        let indent = content.lowerBound - line.lowerBound
        if let last, indent > last.indent {
            if let setting = last.setting {
                section?.note("'\(setting.name)' goes on in a second line", line: number)
            }
            return
        }
        if let name = header(content, bytes) {
            try finishSection(bytes, source, &findings)
            last = nil
            return try begin(name, number, bytes, &findings)
        }
        if bytes[content.lowerBound] == UInt8(ascii: "[") {
            return try abandonSection("a section's name without ']'", number, bytes, source, &findings)
        }
        let separator = content.first { bytes[$0] == UInt8(ascii: "=") || bytes[$0] == UInt8(ascii: ":") }
        guard let separator, separator > content.lowerBound else {
            last = (indent, nil)
            return try findings.add(problem: "neither a [section] nor a setting with '='", line: number)
        }
        let name = bytes.extracting(stripped(content.lowerBound..<separator, bytes))
        let setting = Setting.allCases.first { equalsIgnoringCase(name, $0.name) }
        last = (indent, setting)
        guard let setting, let open = section else { return }
        if open.values[setting] != nil {
            section?.note(
                "'\(setting.name)' is set twice in profile '\(escaped(open.profile))'", line: number)
        }
        section?.values[setting] = stripped((separator + 1)..<content.upperBound, bytes)
    }

    /// The name in a section's line, which ends at the last `]`, as botocore has it.
    private func header(_ content: Range<Int>, _ bytes: Span<UInt8>) -> Range<Int>? {
        guard bytes[content.lowerBound] == UInt8(ascii: "["),
            let end = content.last(where: { bytes[$0] == UInt8(ascii: "]") }), end > content.lowerBound + 1
        else { return nil }
        return (content.lowerBound + 1)..<end
    }

    private mutating func begin(
        _ name: Range<Int>, _ number: Int, _ bytes: Span<UInt8>, _ findings: inout Findings
    ) throws(ImportError) {
        guard let profile = profileName(name, bytes) else {
            return try findings.add(
                problem: "the section's name is empty, too long, no UTF-8 text or has control characters",
                line: number)
        }
        if let first = profiles.updateValue(number, forKey: profile) {
            profiles[profile] = first
            return try findings.add(
                problem: "profile '\(escaped(profile))' has a section already, on line \(first)", line: number
            )
        }
        section = Section(line: number, profile: profile)
        if profile == "DEFAULT" {
            section?.note(
                "[DEFAULT] is no profile but gives its settings to all: name it [default]", line: number)
        }
    }

    /// `prod` of `[prod]`, `[profile prod]` and `[profile "prod"]`.
    private func profileName(_ name: Range<Int>, _ bytes: Span<UInt8>) -> String? {
        var name = stripped(name, bytes)
        if beginsIgnoringCase(bytes.extracting(name), "profile"), name.count > 7,
            isStripped(bytes[name.lowerBound + 7])
        {
            name = stripped((name.lowerBound + 7)..<name.upperBound, bytes)
            let first = bytes[name.lowerBound]
            if name.count > 2, first == quote || first == UInt8(ascii: "'"),
                bytes[name.upperBound - 1] == first
            {
                name = (name.lowerBound + 1)..<(name.upperBound - 1)
            }
        }
        guard !name.isEmpty, name.count <= ImportLimits.textBytes else { return nil }
        return validatedText(bytes.extracting(name))
    }

    /// Ends the section at a line that may have been the name of the next one: what follows is nobody's.
    private mutating func abandonSection(
        _ problem: String, _ number: Int, _ bytes: Span<UInt8>, _ source: SourceName,
        _ findings: inout Findings
    ) throws(ImportError) {
        try finishSection(bytes, source, &findings)
        last = nil
        try findings.add(problem: problem, line: number)
    }

    private mutating func finishSection(
        _ bytes: Span<UInt8>, _ source: SourceName, _ findings: inout Findings
    ) throws(ImportError) {
        guard var done = section else { return }
        section = nil
        guard done.values[.accessKeyID] != nil || done.values[.secretAccessKey] != nil else { return }
        var token = done.values[.sessionToken].filled
        if let other = done.values[.securityToken].filled {
            if let token, !areEqual(token, other, bytes) {
                done.note("'aws_session_token' and 'aws_security_token' differ", line: done.line)
            }
            token = token ?? other
        }
        if let fault = done.fault { return try findings.add(problem: fault.reason, line: fault.line) }
        let draft = KeyDraft(
            line: done.line, accessKeyID: done.values[.accessKeyID],
            secretAccessKey: done.values[.secretAccessKey], sessionToken: token,
            accountID: done.values[.accountID], region: done.values[.region], profile: done.profile)
        try findings.add(draft, from: source, in: bytes)
    }
}

private func isComment(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") }

/// What Python's `strip` removes, as far as it is ASCII.
private func isStripped(_ byte: UInt8) -> Bool { byte == space || (0x09...0x0D).contains(byte) }

private func stripped(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Range<Int> {
    let start = range.first { !isStripped(bytes[$0]) } ?? range.upperBound
    let end = (start..<range.upperBound).last { !isStripped(bytes[$0]) }.map { $0 + 1 } ?? start
    return start..<end
}

private func areEqual(_ one: Range<Int>, _ other: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    one.count == other.count && zip(one, other).allSatisfy { bytes[$0] == bytes[$1] }
}
