package import AWSConfigGrammar
import AWSValues

/// What an edit of a profile wrote and what stood there before, so that it can be taken back to the byte.
///
/// It names lines, not positions: the rest of the file may change in the meantime.
package struct UndoRecord: Equatable, Sendable {
    /// The section that was appended.
    package struct Section: Equatable, Sendable {
        /// The line end that the file's last line lacked.
        let glue: String
        /// The blank line before the header.
        let blank: String
        let header: String
    }

    package enum Change: Equatable, Sendable {
        /// A new line, and the line end that the one above it lacked.
        case inserted(line: String, glue: String)
        case replaced(old: String, new: String)
        /// A command in place of another, which stays in the file, in a comment below: see ``KeptCommand``.
        case commented(new: String)
    }

    package let profile: String
    /// Whether there was no file before.
    package let createdFile: Bool
    package let section: Section?
    package private(set) var changes: [(name: SettingName, change: Change)]
    /// The role that the profile assumed by itself, made before any of the changes.
    package private(set) var takeover: RoleLines?

    init(
        profile: String, createdFile: Bool, section: Section?,
        changes: [(name: SettingName, change: Change)] = [], takeover: RoleLines? = nil
    ) {
        self.profile = profile
        self.createdFile = createdFile
        self.section = section
        self.changes = changes
        self.takeover = takeover
    }

    mutating func inserted(_ name: SettingName, line: String, glue: String) {
        changes.append((name, .inserted(line: line, glue: glue)))
    }

    /// Whether the setting is one that we wrote.
    func has(_ name: SettingName) -> Bool {
        changes.contains { $0.name == name } || (name == .credentialProcess && takeover != nil)
    }

    /// Notes a command in place of another, which the file keeps.
    mutating func commented(_ name: SettingName, new: String) {
        changes.append((name, .commented(new: new)))
    }

    /// Notes a replaced value; what was ours already stays ours, and what stood there first is kept.
    mutating func replaced(_ name: SettingName, old: String, new: String) {
        if name == .credentialProcess, let command = takeover?.command {
            takeover?.command = command.dropLast(old.count) + new
            return
        }
        guard let index = changes.firstIndex(where: { $0.name == name }) else {
            changes.append((name, .replaced(old: old, new: new)))
            return
        }
        switch changes[index].change {
        case .inserted(let line, let glue):
            changes[index].change = .inserted(line: line.dropLast(old.count) + new, glue: glue)
        case .replaced(let first, _): changes[index].change = .replaced(old: first, new: new)
        case .commented: changes[index].change = .commented(new: new)
        }
    }

    package static func == (one: Self, other: Self) -> Bool {
        one.encoded(path: "") == other.encoded(path: "")
    }

    /// Whether a text is one line without control characters, as every value in a record is.
    static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { $0 == "\t" || !UTF8Text.isControl($0.value) }
    }

    /// Whether everything that the record says was written still stands in the document.
    func stands(in document: borrowing ConfigDocument) -> Bool {
        guard let found = try? document.section(of: profile) else { return false }
        if let section {
            let line = found.lines.lowerBound
            let above = section.blank.isEmpty ? line : line - 1
            guard document.holds(section.header, in: document.lines[line].content),
                section.blank.isEmpty || document.isBlank(above, endingIn: section.blank),
                section.glue.isEmpty || document.ends(above - 1, in: section.glue)
            else { return false }
        }
        if let takeover, !takeover.stands(in: found, of: document) { return false }
        for (name, change) in changes {
            guard let setting = try? document.setting(name, in: found), setting.isOnOneLine else {
                return false
            }
            switch change {
            case .inserted(let line, _):
                let content = document.lines[setting.lines.lowerBound].content
                guard document.holds(line, in: content) else { return false }
            case .replaced(_, let new):
                guard document.holds(new, in: setting.value) else { return false }
            case .commented(let new):
                guard document.holds(new, in: setting.value), document.keptCommand(below: setting) != nil
                else { return false }
            }
        }
        return true
    }
}
