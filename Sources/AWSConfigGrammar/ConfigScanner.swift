import AWSValues

/// Finds the lines, sections and settings of a file in one pass, as Python's `RawConfigParser` reads them.
///
/// Unlike it, the scan continues where the parser stops, with a warning. It finds only ranges: the bytes, which
/// may be secret, stay where they are.
package struct ConfigScanner: Sendable {
    /// The most lines that a file may have, since each costs memory of its own.
    package static let lineLimit = 1 << 18

    /// The file has more lines than ``lineLimit``.
    package struct TooManyLines: Error {}

    package private(set) var lines: [ConfigLine] = []
    package private(set) var sections: [ConfigSection] = []
    package private(set) var settings: [ConfigSetting] = []
    package private(set) var warnings: [ConfigWarning] = []

    private let kind: ConfigKind
    /// The depth of the last header, setting or unreadable line, in characters.
    private var indent = 0
    /// Whether a deeper line belongs to the last setting.
    private var continuing = false
    /// Where each header stood first, as an index into `sections`.
    private var headers: [ExactText: Int] = [:]
    /// Hashes of a section's index and a setting's name; the name itself stays in secret memory.
    private var names: [Int: Int] = [:]

    package init(kind: ConfigKind) {
        self.kind = kind
    }

    /// - Parameter bytes: at most 4 GiB.
    package mutating func scan(_ bytes: Span<UInt8>) throws(TooManyLines) {
        var position = 0
        if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
            warn(.byteOrderMark)
            position = 3
        }
        while position < bytes.count {
            guard lines.count < Self.lineLimit else { throw TooManyLines() }
            var end = position
            while end < bytes.count, bytes[end] != 0x0A, bytes[end] != 0x0D { end += 1 }
            var next = min(end + 1, bytes.count)
            if next < bytes.count, bytes[end] == 0x0D, bytes[next] == 0x0A { next += 1 }
            let content = position..<end
            checkUTF8(bytes, content)
            let lineKind = read(bytes, content)
            lines.append(ConfigLine(kind: lineKind, content: content, end: next))
            if let last = sections.indices.last {
                sections[last].lines = sections[last].lines.lowerBound..<lines.count
            }
            position = next
        }
        findProfilesTwice()
    }

    private mutating func read(_ bytes: Span<UInt8>, _ content: Range<Int>) -> ConfigLine.Kind {
        let (text, depth) = bytes.trimmed(content)
        guard !text.isEmpty else { return .blank }
        let first = bytes[text.lowerBound]
        if first == UInt8(ascii: "#") || first == UInt8(ascii: ";") { return .comment }
        if continuing, depth > indent { return readContinuation(bytes, text) }
        indent = depth
        if first == UInt8(ascii: "["), let close = bytes.lastIndex(of: UInt8(ascii: "]"), in: text),
            close > text.lowerBound + 1
        {
            openSection(bytes, text, close: close)
            return .header
        }
        guard !sections.isEmpty else {
            let line = lines.count + 1
            let isHeader = isOpenHeader(bytes, text)
            warn(isHeader ? .headerWithoutBracket(line: line) : .beforeFirstSection(line: line))
            return .unreadable
        }
        continuing = readSetting(bytes, text)
        return continuing ? .setting : .unreadable
    }

    private func isOpenHeader(_ bytes: Span<UInt8>, _ text: Range<Int>) -> Bool {
        bytes[text.lowerBound] == UInt8(ascii: "[")
            && bytes.lastIndex(of: UInt8(ascii: "]"), in: text) == nil
    }

    private mutating func readContinuation(_ bytes: Span<UInt8>, _ text: Range<Int>) -> ConfigLine.Kind {
        let last = settings.count - 1
        settings[last].lines = settings[last].lines.lowerBound..<(lines.count + 1)
        if settings[last].value.isEmpty, !bytes.everyNestedLineIsASetting(text) {
            warn(.nestedLineWithoutValue(lines.count + 1))
        }
        return .continuation
    }

    private mutating func openSection(_ bytes: Span<UInt8>, _ text: Range<Int>, close: Int) {
        let header = bytes.text((text.lowerBound + 1)..<close)
        let firstClose = bytes.firstIndex(of: UInt8(ascii: "]"), or: UInt8(ascii: "]"), in: text) ?? close
        let seeming = bytes.trimmed((text.lowerBound + 1)..<firstClose).content
        let section = ConfigSection(
            header: header, seemingHeader: bytes.text(seeming), kind: kind, line: lines.count,
            setting: settings.count)
        continuing = false
        if let profile = section.lookalike { warn(.lookalike(profile: profile, line: lines.count + 1)) }
        if let header {
            if let earlier = headers[ExactText(header)] {
                // Python's defaults may be written in pieces; everything else only once.
                if !section.isDefaults {
                    let first = sections[earlier].lines.lowerBound + 1
                    warn(.sectionTwice(header: header, line: lines.count + 1, first: first))
                }
            } else {
                headers[ExactText(header)] = sections.count
            }
        }
        sections.append(section)
    }

    private mutating func readSetting(_ bytes: Span<UInt8>, _ text: Range<Int>) -> Bool {
        guard let delimiter = bytes.firstIndex(of: UInt8(ascii: "="), or: UInt8(ascii: ":"), in: text),
            delimiter > text.lowerBound
        else {
            let line = lines.count + 1
            warn(isOpenHeader(bytes, text) ? .headerWithoutBracket(line: line) : .unreadableLine(line))
            return false
        }
        let name = bytes.trimmed(text.lowerBound..<delimiter).content
        let value = bytes.trimmed((delimiter + 1)..<text.upperBound).content
        // An empty value stands right behind the delimiter, where a new one can be written.
        let setting = ConfigSetting(
            name: SettingName(bytes, name), nameRange: name,
            value: value.isEmpty ? (delimiter + 1)..<(delimiter + 1) : value,
            lines: lines.count..<(lines.count + 1))
        findSettingTwice(bytes, name)
        settings.append(setting)
        let last = sections.count - 1
        sections[last].settings = sections[last].settings.lowerBound..<settings.count
        return true
    }

    private mutating func findSettingTwice(_ bytes: Span<UInt8>, _ name: Range<Int>) {
        let last = sections.count - 1
        var hasher = Hasher()
        hasher.combine(sections[last].header.flatMap { headers[ExactText($0)] } ?? last)
        bytes.forEachLowercase(name) { hasher.combine($0) }
        let hash = hasher.finalize()
        if let earlier = names[hash] {
            warn(.settingTwice(line: lines.count + 1, first: settings[earlier].lines.lowerBound + 1))
        } else {
            names[hash] = settings.count
        }
    }

    private mutating func findProfilesTwice() {
        var profiles: [ExactText: Int] = [:]
        for (index, section) in sections.enumerated() {
            guard let profile = section.profile else { continue }
            guard let earlier = profiles.updateValue(index, forKey: ExactText(profile)) else { continue }
            // The same spelling is the graver fault, told above.
            if let one = sections[earlier].header, let other = section.header, same(one, other) { continue }
            let first = sections[earlier].lines.lowerBound + 1
            warn(.profileTwice(profile: profile, line: section.lines.lowerBound + 1, first: first))
        }
    }

    private mutating func checkUTF8(_ bytes: Span<UInt8>, _ content: Range<Int>) {
        guard content.contains(where: { bytes[$0] >= 0x80 }), !UTF8Text.isValid(bytes.extracting(content))
        else { return }
        warn(.notUTF8(line: lines.count + 1))
    }

    private mutating func warn(_ warning: ConfigWarning) {
        if warnings.count < ConfigWarning.limit { warnings.append(warning) }
    }
}
