import AWSConfigGrammar

extension ConfigDocument {
    /// Writes our settings into a profile, and nothing else.
    ///
    /// A profile that does not exist is appended after one blank line. In one that exists, values are
    /// replaced where they stand, and missing settings follow the last one.
    ///
    /// - Parameters:
    ///   - replacingForeignProcess: whether to replace another program's `credential_process`.
    ///   - earlier: the records of earlier edits of the profile, the newest first.
    /// - Returns: nil when the file says so already.
    package func configure(
        _ profile: ProfileName, _ settings: ProfileSettings, replacingForeignProcess: Bool = false,
        earlier: [UndoRecord] = []
    ) throws(AWSConfigError) -> ConfigEdit? {
        if let lookalike = sections.first(where: { $0.lookalike.map { same($0, profile.text) } ?? false }) {
            throw .sectionNotRead(profile: profile.text, line: lookalike.lines.lowerBound + 1)
        }
        let section = try section(of: profile.text)
        try refuseOtherSources(profile.text, section)
        guard let section else { return try append(profile, settings) }
        let earlier = earlier.first { $0.stands(in: self) }
        var record = earlier ?? UndoRecord(profile: profile.text, createdFile: false, section: nil)
        var splices: [Splice] = []
        var missing: [(name: SettingName, value: String)] = []
        for (name, value) in settings.wanted {
            guard let setting = try setting(name, in: section) else {
                missing.append((name, value))
                continue
            }
            let old = try replaceableValue(of: setting, name)
            if old.utf8.elementsEqual(value.utf8) { continue }
            if name == .credentialProcess, !old.isEmpty, !HelperCommand.isOurs(old), !replacingForeignProcess
            {
                throw .foreignProcess(profile: profile.text, line: setting.lines.lowerBound + 1)
            }
            splices.append(Splice(range: setting.value, text: value))
            guard name == .credentialProcess, !old.isEmpty, !record.has(name),
                !HelperCommand.differOnlyInEntry(old, value)
            else {
                record.replaced(name, old: old, new: value)
                continue
            }
            let line = lines[setting.lines.lowerBound]
            let lineEnd = text(line.terminator).flatMap { $0.isEmpty ? nil : $0 }
            splices.append(
                Splice(
                    range: line.content.upperBound..<line.content.upperBound,
                    text: KeptCommand.comment(
                        old, lineEnd: lineEnd ?? self.lineEnd(before: setting.lines.lowerBound))))
            record.commented(name, new: value)
        }
        splices.sort { $0.range.lowerBound < $1.range.lowerBound }
        if !missing.isEmpty { splices.append(try insertion(of: missing, in: section, &record)) }
        return splices.isEmpty ? nil : try ConfigEdit(self, splices, undo: record)
    }

    /// Every setting that makes a client take its credentials from elsewhere, here or inherited.
    private func refuseOtherSources(_ profile: String, _ section: ConfigSection?) throws(AWSConfigError) {
        for place in sections.filter(\.isDefaults) + [section].compactMap({ $0 }) {
            for setting in settings[place.settings] { try refuse(setting, profile, where: \.isOtherSource) }
        }
    }

    func refuse(
        _ setting: ConfigSetting, _ profile: String, where isOther: (SettingName) -> Bool
    ) throws(AWSConfigError) {
        guard let name = setting.name else { return }
        let line = setting.lines.lowerBound + 1
        if name.isStaticKey { throw .staticKeys(profile: profile, line: line) }
        guard isOther(name) else { return }
        let spelled = text(setting.nameRange).map { escaped($0, limit: 64) } ?? name.rawValue
        throw .otherSource(profile: profile, setting: spelled, line: line)
    }

    /// The value that is to be replaced, which must be one plain line so that it can be put back.
    func replaceableValue(of setting: ConfigSetting, _ name: SettingName) throws(AWSConfigError)
        -> String
    {
        let line = setting.lines.lowerBound + 1
        guard setting.isOnOneLine else { throw .settingOverLines(name: name.rawValue, line: line) }
        guard let text = text(setting.value), UndoRecord.isOneLine(text) else {
            throw .valueNotText(name: name.rawValue, line: line)
        }
        return text
    }

    private func append(_ profile: ProfileName, _ settings: ProfileSettings) throws(AWSConfigError)
        -> ConfigEdit
    {
        let header = try profile.header(in: kind)
        let lineEnd = lineEnd(before: lines.count)
        let glue = lines.last?.terminator.isEmpty ?? false ? lineEnd : ""
        let blank = lines.isEmpty || lines.last?.kind == .blank ? "" : lineEnd
        var record = UndoRecord(
            profile: profile.text, createdFile: !exists,
            section: .init(glue: glue, blank: blank, header: header))
        var text = glue + blank + header + lineEnd
        for (name, value) in settings.wanted {
            let line = "\(name.rawValue) = \(value)"
            record.inserted(name, line: line, glue: "")
            text += line + lineEnd
        }
        return try ConfigEdit(self, [Splice(range: count..<count, text: text)], undo: record)
    }

    private func insertion(
        of missing: [(name: SettingName, value: String)], in section: ConfigSection,
        _ record: inout UndoRecord
    ) throws(AWSConfigError) -> Splice {
        // As deep as the setting above: deeper would continue it, and less deep would make what follows
        // continue ours. Behind a bare header, what follows decides.
        let above = settings[section.settings].last
        // A command that is kept in a comment stays right below ours.
        let comment = above.flatMap { $0.name == .credentialProcess ? keptCommand(below: $0) : nil }
        let place = (above?.lines.upperBound ?? section.lines.lowerBound + 1) + (comment == nil ? 0 : 1)
        let follower = lines[place...].firstIndex { $0.kind != .blank && $0.kind != .comment }
        let indent = try indentation(ofLine: above?.lines.lowerBound ?? follower ?? section.lines.lowerBound)
        let lineEnd = lineEnd(before: place)
        var glue = lines[place - 1].terminator.isEmpty ? lineEnd : ""
        var text = glue
        for (name, value) in missing {
            let line = "\(indent)\(name.rawValue) = \(value)"
            record.inserted(name, line: line, glue: glue)
            text += line + lineEnd
            glue = ""
        }
        let position = lines[place - 1].range.upperBound
        return Splice(range: position..<position, text: text)
    }

    func indentation(ofLine index: Int) throws(AWSConfigError) -> String {
        let content = lines[index].content
        let start = octets.trimmed(content).content.lowerBound
        guard let indent = text(content.lowerBound..<start) else {
            throw .valueNotText(name: "the indentation", line: index + 1)
        }
        return indent
    }

    /// The end of the last whole line before `index`, so that new lines end as their neighbours do.
    func lineEnd(before index: Int) -> String {
        let ended = lines[..<index].suffix(2).last { !$0.terminator.isEmpty }
        return ended.flatMap { text($0.terminator) } ?? "\n"
    }
}
