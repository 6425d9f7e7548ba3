import AWSConfigGrammar
import AWSValues

/// The record as a file: one fact a line, every text in hexadecimal, `-` for an empty one.
///
///     sealring-undo 1
///     path 2f686f6d65…
///     profile 70726f64
///     created 0
///     section - 0a 5b70726f66…
///     inserted credential_process - 63726564…
///     replaced region 65752d… 75732d…
///     commented credential_process - 63726564…
///     takeover 2 63726564… 726f6c65…
///     removed 3 0a 736f7572…
///     end
///
/// Others than we may be able to write the state directory: the agent is, and so is what keeps it in step
/// with another machine. A key of the vault could not distinguish their records from ours: the agent has that
/// key, and `configure --remove` has to work while the vault is locked. So a record has no way to name
/// another program: it names lines to take out, old values of `region` and `output`, and lines with which a profile
/// assumes a role. A command that was replaced stays in the configuration file itself, see ``KeptCommand``.
extension UndoRecord {
    /// The most bytes of a record.
    static let sizeLimit = 128 << 10
    private static let first = "sealring-undo 1"
    private static let settable: [SettingName] = [.credentialProcess, .region, .output]

    /// The record's text; `path` is the configuration file's, without symbolic links.
    func encoded(path: String) -> String {
        var lines = [
            Self.first, "path \(hex(path))", "profile \(hex(profile))", "created \(createdFile ? 1 : 0)",
        ]
        if let section {
            lines.append("section \(hex(section.glue)) \(hex(section.blank)) \(hex(section.header))")
        }
        for (name, change) in changes {
            switch change {
            case .inserted(let line, let glue):
                lines.append("inserted \(name.rawValue) \(hex(glue)) \(hex(line))")
            case .replaced(let old, let new):
                lines.append("replaced \(name.rawValue) \(hex(old)) \(hex(new))")
            case .commented(let new): lines.append("commented \(name.rawValue) - \(hex(new))")
            }
        }
        if let takeover {
            lines.append("takeover \(takeover.place) \(hex(takeover.command)) \(hex(takeover.role))")
            for line in takeover.removed {
                lines.append("removed \(line.place) \(hex(line.lineEnd)) \(hex(line.text))")
            }
        }
        return lines.joined(separator: "\n") + "\nend\n"
    }

    /// The record in `text`; nil when it is damaged, or of another file or profile.
    init?(_ text: String, path: String, profile: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count <= 24 else { return nil }
        var section: Section?
        var changes: [(name: SettingName, change: Change)] = []
        var takeover: RoleLines?
        var created = false
        for line in lines.dropFirst(3) {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            switch (fields[0], fields.count) {
            case ("created", 2): created = fields[1] == "1"
            case ("section", 4):
                guard let glue = unhex(fields[1]), let blank = unhex(fields[2]),
                    let header = unhex(fields[3]),
                    Self.isLineEnd(glue), Self.isLineEnd(blank), Self.isOneLine(header)
                else { return nil }
                section = Section(glue: glue, blank: blank, header: header)
            case ("inserted", 4), ("replaced", 4), ("commented", 4):
                guard let name = Self.settable.first(where: { $0.rawValue == fields[1] }),
                    !changes.contains(where: { $0.name == name }),
                    let one = unhex(fields[2]), let other = unhex(fields[3]), Self.isOneLine(other)
                else { return nil }
                if fields[0] == "inserted" {
                    guard Self.isLineEnd(one) else { return nil }
                    changes.append((name, .inserted(line: other, glue: one)))
                } else if fields[0] == "commented" {
                    guard name == .credentialProcess else { return nil }
                    changes.append((name, .commented(new: other)))
                } else {
                    guard Self.isOneLine(one), name != .credentialProcess || Self.isHarmless(one, other)
                    else { return nil }
                    changes.append((name, .replaced(old: one, new: other)))
                }
            case ("takeover", 4):
                guard let place = Self.place(fields[1]), let command = unhex(fields[2]),
                    let role = unhex(fields[3]), Self.isOneLine(command), Self.isOneLine(role),
                    Self.name(ofLine: role) == .roleARN
                else { return nil }
                takeover = RoleLines(place: place, command: command, role: role)
            case ("removed", 4):
                guard let place = Self.place(fields[1]), let lineEnd = unhex(fields[2]),
                    let text = unhex(fields[3]), Self.isLineEnd(lineEnd), Self.isOneLine(text),
                    Self.name(ofLine: text)?.isOfRole ?? false
                else { return nil }
                takeover?.remove(text, lineEnd: lineEnd, at: place)
            default: continue
            }
        }
        self.init(
            profile: profile, createdFile: created, section: section, changes: changes, takeover: takeover)
        // One record has one text: whatever was skipped, doubled or out of order shows here, as do
        // another file and another profile.
        guard !changes.isEmpty || takeover != nil, same(encoded(path: path), text) else { return nil }
    }

    private static func place(_ text: Substring) -> Int? {
        Int(text).flatMap { (1...ConfigDocument.lineLimit).contains($0) ? $0 : nil }
    }

    /// Whether a command that stood there before our new one is none, or the same one for another entry. What
    /// runs is then what the file says already, or the record fits nothing.
    private static func isHarmless(_ old: String, _ new: String) -> Bool {
        old.isEmpty || HelperCommand.differOnlyInEntry(old, new)
    }

    /// The setting that a line would be to the AWS CLI.
    private static func name(ofLine text: String) -> SettingName? {
        let bytes = Array(text.utf8)
        let span = bytes.span
        let line = span.trimmed(0..<span.count).content
        guard let delimiter = span.firstIndex(of: UInt8(ascii: "="), or: UInt8(ascii: ":"), in: line) else {
            return nil
        }
        return SettingName(span, span.trimmed(line.lowerBound..<delimiter).content)
    }

    private static func isLineEnd(_ text: String) -> Bool {
        ["", "\n", "\r\n", "\r"].contains { same($0, text) }
    }
}

private func hex(_ text: String) -> String {
    text.isEmpty ? "-" : Hex.text(text.utf8.span)
}

private func unhex(_ digits: Substring) -> String? {
    if digits == "-" { return "" }
    return Hex.bytes(digits.utf8.span).flatMap { String(validating: $0, as: UTF8.self) }
}
