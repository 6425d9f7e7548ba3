package import AWSConfigGrammar
import AWSValues
package import SecureMemory

/// The bytes of `~/.aws/config` or `~/.aws/credentials` with an index of what stands where.
///
/// The file may hold plaintext keys: the bytes stay in secret memory as they are, and the index holds
/// ranges and the names of sections.
package struct ConfigDocument: ~Copyable {
    /// The most bytes that a file may have.
    package static let sizeLimit = 4 << 20
    /// The most lines that a file may have, since each costs memory of its own.
    package static let lineLimit = ConfigScanner.lineLimit

    package let kind: ConfigKind
    package let bytes: SecretBytes
    /// What keeps botocore from reading the file as it seems to be meant; at most 32.
    package let warnings: [ConfigWarning]
    /// Whether the file is on the disk.
    package let exists: Bool

    let lines: [ConfigLine]
    let sections: [ConfigSection]
    let settings: [ConfigSetting]

    package init(
        _ bytes: consuming SecretBytes, kind: ConfigKind, exists: Bool = true
    ) throws(AWSConfigError) {
        guard bytes.count <= Self.sizeLimit else { throw .tooLarge(limit: Self.sizeLimit) }
        var scanner = ConfigScanner(kind: kind)
        do throws(ConfigScanner.TooManyLines) {
            try scanner.scan(bytes.bytes.octets)
        } catch {
            throw .tooManyLines(limit: Self.lineLimit)
        }
        self.kind = kind
        self.exists = exists
        lines = scanner.lines
        sections = scanner.sections
        settings = scanner.settings
        warnings = scanner.warnings
        self.bytes = bytes
    }

    /// The bytes one by one, which the index's ranges are of.
    var octets: Span<UInt8> {
        @_lifetime(borrow self)
        get { bytes.bytes.octets }
    }

    /// The number of bytes.
    package var count: Int { bytes.count }

    /// The names of the profiles, each once, in the file's order.
    package var profileNames: [String] {
        var known: Set<ExactText> = []
        return sections.compactMap(\.profile).filter { known.insert(ExactText($0)).inserted }
    }

    /// - Throws: when botocore refuses the whole file: nothing that is written into it would work.
    package func requireReadable() throws(AWSConfigError) {
        if let warning = warnings.first(where: \.refusesFile) { throw .unreadable(warning) }
    }

    /// The text of a range that holds no secret; nil when it is longer than 4 KiB or no UTF-8.
    func text(_ range: Range<Int>) -> String? {
        octets.text(range)
    }

    func holds(_ text: String, in range: Range<Int>) -> Bool {
        octets.holds(text, in: range)
    }

    /// The one section of a profile, or nil when there is none.
    func section(of profile: String) throws(AWSConfigError) -> ConfigSection? {
        let found = sections.filter { $0.profile.map { same($0, profile) } ?? false }
        if found.count > 1 {
            throw .sectionTwice(
                profile: profile, first: found[0].lines.lowerBound + 1, second: found[1].lines.lowerBound + 1)
        }
        return found.first
    }

    /// The one setting of that name in a section, or nil when there is none.
    func setting(_ name: SettingName, in section: ConfigSection) throws(AWSConfigError) -> ConfigSetting? {
        let found = settings[section.settings].filter { $0.name == name }
        if found.count > 1 {
            throw .settingTwice(
                name: name.rawValue, first: found[0].lines.lowerBound + 1,
                second: found[1].lines.lowerBound + 1)
        }
        return found.first
    }

    /// The setting that a line is part of.
    func setting(ofLine line: Int) -> ConfigSetting? {
        let next = settings.partitioningIndex { $0.lines.lowerBound > line }
        guard next > 0, settings[next - 1].lines.contains(line) else { return nil }
        return settings[next - 1]
    }

    func section(ofLine line: Int) -> ConfigSection? {
        let next = sections.partitioningIndex { $0.lines.lowerBound > line }
        return next > 0 ? sections[next - 1] : nil
    }

    /// The index of the line that holds the byte at `position`; the number of lines at the end.
    func line(at position: Int) -> Int {
        lines.partitioningIndex { $0.range.upperBound > position }
    }
}

extension Array {
    /// The first index whose element meets a condition that, once met, is met by all after it.
    fileprivate func partitioningIndex(_ condition: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
