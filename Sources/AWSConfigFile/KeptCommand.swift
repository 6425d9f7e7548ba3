import AWSConfigGrammar

/// Another program's command that ours replaced. It stays in the file, in a comment on the line below:
///
///     credential_process = /usr/local/bin/sealring-credential-process prod
///     # sealring replaced: credential_process = /opt/tool get
///
/// Only who can write the file itself can have it run again. An ``UndoRecord`` is kept elsewhere, and would
/// let others plant a command.
enum KeptCommand {
    static let prefix = "# sealring replaced: credential_process = "

    /// What is put behind the setting's line, in front of its line end. At the margin, where no reader takes
    /// it for a part of a value.
    static func comment(_ command: String, lineEnd: String) -> String { lineEnd + prefix + command }

    /// The command in a comment line; nil when it is another comment.
    static func command(_ bytes: Span<UInt8>, _ content: Range<Int>) -> Range<Int>? {
        let count = prefix.utf8.count
        guard content.count > count, bytes.holds(prefix, in: content.prefix(count)) else { return nil }
        return content.dropFirst(count)
    }
}

extension ConfigDocument {
    /// The command that is kept below a setting, and the bytes behind the setting's line that keep it.
    func keptCommand(below setting: ConfigSetting) -> (command: String, comment: Range<Int>)? {
        let line = setting.lines.lowerBound
        guard line + 1 < lines.count, lines[line + 1].kind == .comment else { return nil }
        let content = lines[line + 1].content
        guard let range = KeptCommand.command(octets, content), let command = text(range),
            UndoRecord.isOneLine(command)
        else { return nil }
        return (command, lines[line].content.upperBound..<content.upperBound)
    }
}
