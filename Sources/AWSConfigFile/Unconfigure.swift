import AWSConfigGrammar

extension ConfigDocument {
    /// Takes an edit back to the byte.
    ///
    /// - Returns: nil when the record does not fit the document, since someone edited our lines.
    package func undo(_ record: UndoRecord) throws(AWSConfigError) -> ConfigEdit? {
        guard record.stands(in: self), let section = try section(of: record.profile) else { return nil }
        guard let created = record.section else {
            return try ConfigEdit(self, splices(undoing: record, in: section))
        }
        let block = section.lines.prefix(1 + record.changes.count)
        guard isOnly(record, in: section, block), let last = block.last else { return nil }
        let end = lines[last].range.upperBound
        // What was written below in the meantime still needs the line end that the file once lacked.
        let glue = end == count ? created.glue.utf8.count : 0
        let start = lines[section.lines.lowerBound].range.lowerBound - created.blank.utf8.count - glue
        return try ConfigEdit(
            self, [Splice(range: start..<end, text: "")], removesFileWhenEmpty: record.createdFile)
    }

    /// Removes our command from a profile, and the section with it when nothing else is left in it: what
    /// can be done without a record.
    ///
    /// - Returns: nil when the profile does not run our command.
    package func removeCommand(of profile: String) throws(AWSConfigError) -> ConfigEdit? {
        var splices: [Splice] = []
        for section in sections where section.profile.map({ same($0, profile) }) ?? false {
            let ours = settings[section.settings].filter { isOurCommand($0) }
            if let long = ours.first(where: { !$0.isOnOneLine }) {
                throw .settingOverLines(
                    name: SettingName.credentialProcess.rawValue, line: long.lines.lowerBound + 1)
            }
            guard !ours.isEmpty else { continue }
            let removed = ours.map(\.lines.lowerBound)
            if isBlank(section, without: removed) {
                splices.append(deletion(ofLine: section.lines.lowerBound))
            }
            splices += removed.map { deletion(ofLine: $0) }
        }
        return splices.isEmpty ? nil : try ConfigEdit(self, splices)
    }

    /// Whether there is such a line and this is its end.
    func ends(_ line: Int, in lineEnd: String) -> Bool {
        lines.indices.contains(line) && holds(lineEnd, in: lines[line].terminator)
    }

    func isBlank(_ line: Int, endingIn lineEnd: String) -> Bool {
        ends(line, in: lineEnd) && lines[line].content.isEmpty
    }

    func deletion(ofLine line: Int) -> Splice {
        Splice(range: lines[line].range, text: "")
    }

    /// Whether a section holds nothing but its header, these lines and blank ones.
    func isBlank(_ section: ConfigSection, without removed: [Int]) -> Bool {
        let removed = Set(removed)
        return section.lines.dropFirst().allSatisfy { lines[$0].kind == .blank || removed.contains($0) }
    }

    private func isOurCommand(_ setting: ConfigSetting) -> Bool {
        guard setting.name == .credentialProcess, let command = text(setting.value) else { return false }
        return HelperCommand.isOurs(command)
    }

    /// Whether the section is the header and our lines, with at most comments and blanks below: each of our
    /// lines is in the section once, so a setting of someone else's is outside of the block or moves one out.
    private func isOnly(_ record: UndoRecord, in section: ConfigSection, _ block: Range<Int>) -> Bool {
        section.lines.dropFirst().allSatisfy { line in
            block.contains(line)
                ? lines[line].kind == .setting : lines[line].kind == .blank || lines[line].kind == .comment
        }
    }

    private func splices(
        undoing record: UndoRecord, in section: ConfigSection
    ) throws(AWSConfigError) -> [Splice] {
        var restored: [Splice] = []
        var removed: [(line: Int, glue: String)] = []
        for (name, change) in record.changes {
            guard let setting = try setting(name, in: section) else { continue }
            switch change {
            case .replaced(let old, _): restored.append(Splice(range: setting.value, text: old))
            case .commented:
                guard let kept = keptCommand(below: setting) else { continue }
                restored.append(Splice(range: setting.value, text: kept.command))
                restored.append(Splice(range: kept.comment, text: ""))
            case .inserted(_, let glue): removed.append((setting.lines.lowerBound, glue))
            }
        }
        if let takeover = record.takeover {
            restored += try takeover.splices(in: section, of: self, without: removed.map(\.line))
        }
        removed.sort { $0.line < $1.line }
        var deletions = removed.map { deletion(ofLine: $0.line) }
        // A line end that the file's last line lacked goes only when that line becomes the last again.
        for (index, (line, glue)) in removed.enumerated()
        where !glue.isEmpty && lines.count - line == removed.count - index {
            guard ends(line - 1, in: glue) else { continue }
            let start = lines[line - 1].terminator.lowerBound
            // A line that is put back there needs it.
            guard !restored.contains(where: { $0.range.lowerBound > start }) else { continue }
            deletions[index] = Splice(range: start..<lines[line].range.upperBound, text: "")
        }
        // What is put back stands before what goes away at the same place.
        return (restored + deletions).sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
    }
}
