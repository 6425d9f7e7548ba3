package import AWSConfigGrammar

/// A profile that assumes a role by itself, as AWS clients read it. Every text is one plain line.
package struct RoleProfile: Equatable, Sendable {
    package let profile: String
    /// The line of `role_arn`, counted from 1.
    package let line: Int
    package let roleARN: String
    /// The profile whose credentials assume the role; it may be the same one.
    package let sourceProfile: String
    package let mfaSerial: String?
    package let externalID: String?
    package let durationSeconds: String?
    package let sessionName: String?
    package let region: String?
    /// The file of certificates that requests of this profile trust.
    package let caBundle: String?
    /// The line of each setting, counted from 1.
    package let lines: [SettingName: Int]
    /// The settings of which AWS clients take the line of the credentials file.
    package var inCredentials: Set<SettingName> = []

    /// Whether the config file still says what was read of it.
    func isSame(as other: RoleProfile) -> Bool {
        func texts(_ role: RoleProfile) -> [String?] {
            let settings: [(SettingName, String?)] = [
                (.mfaSerial, role.mfaSerial), (.externalID, role.externalID),
                (.durationSeconds, role.durationSeconds), (.roleSessionName, role.sessionName),
                (.region, role.region), (.caBundle, role.caBundle),
            ]
            // Of these the config file has another value, or none.
            let own = settings.map { inCredentials.union(other.inCredentials).contains($0) ? nil : $1 }
            return [role.profile, role.roleARN, role.sourceProfile] + own
        }
        return texts(self) == texts(other)
    }
}

extension ConfigDocument {
    /// Which profiles assume a role with the credentials of which profile, in the file's order.
    package var roleSources: [(profile: String, source: String)] {
        sections.compactMap { section in
            let settings = settings[section.settings]
            guard let profile = section.profile, settings.contains(where: { $0.name == .roleARN }),
                let setting = settings.first(where: { $0.name == .sourceProfile }),
                let source = text(setting.value)
            else { return nil }
            return (profile, source)
        }
    }

    /// The role that a profile assumes with the key of another profile, or nil when it assumes none.
    ///
    /// - Throws: ``AWSConfigError/otherSource(profile:setting:line:)`` when its credentials, or those that
    ///   assume the role, come from elsewhere too; when a setting is duplicated or not a plain line.
    package func roleProfile(of profile: String) throws(AWSConfigError) -> RoleProfile? {
        guard let section = try section(of: profile), let role = try setting(.roleARN, in: section) else {
            return nil
        }
        for place in sections.filter(\.isDefaults) {
            for setting in settings[place.settings] { try refuse(setting, profile, where: \.isOtherSource) }
        }
        for setting in settings[section.settings] {
            try refuse(setting, profile) { name in
                name == .credentialProcess || name.isOtherSource && !name.isOfRole
            }
        }
        guard let roleARN = try value(.roleARN, in: section),
            let source = try value(.sourceProfile, in: section)
        else {
            throw .otherSource(
                profile: profile, setting: SettingName.roleARN.rawValue, line: role.lines.lowerBound + 1)
        }
        return RoleProfile(
            profile: profile, line: role.lines.lowerBound + 1, roleARN: roleARN, sourceProfile: source,
            mfaSerial: try value(.mfaSerial, in: section),
            externalID: try value(.externalID, in: section),
            durationSeconds: try value(.durationSeconds, in: section),
            sessionName: try value(.roleSessionName, in: section),
            region: try value(.region, in: section),
            caBundle: try value(.caBundle, in: section),
            lines: Dictionary(
                settings[section.settings].compactMap { setting in
                    setting.name.map { ($0, setting.lines.lowerBound + 1) }
                }, uniquingKeysWith: { first, _ in first }))
    }

    /// The value of a setting, the section's own or one of `[DEFAULT]`; nil when there is none or it is empty.
    private func value(
        _ name: SettingName, in section: ConfigSection
    ) throws(AWSConfigError) -> String? {
        let own = try setting(name, in: section)
        let inherited = sections.filter(\.isDefaults).flatMap { settings[$0.settings] }
        guard let setting = own ?? inherited.first(where: { $0.name == name }) else { return nil }
        let value = try replaceableValue(of: setting, name)
        return value.isEmpty ? nil : value
    }

    /// Writes our command in the place of a profile's `role_arn`, and takes out what else was said of the
    /// role. The profile must be one of ``roleProfile(of:)``.
    package func takeOver(_ profile: String, _ command: HelperCommand) throws(AWSConfigError) -> ConfigEdit {
        precondition(kind == .config, "roles of the credentials file are not read")
        guard try roleProfile(of: profile) != nil, let section = try section(of: profile),
            let role = try setting(.roleARN, in: section)
        else { throw .noRole(profile: profile) }
        func text(ofLine line: Int, _ name: SettingName) throws(AWSConfigError) -> String {
            guard let text = self.text(lines[line].content), UndoRecord.isOneLine(text) else {
                throw .valueNotText(name: name.rawValue, line: line + 1)
            }
            return text
        }
        let header = section.lines.lowerBound
        let place = role.lines.lowerBound
        let new =
            "\(try indentation(ofLine: place))\(SettingName.credentialProcess.rawValue) = \(command.text)"
        var taken = RoleLines(place: place - header, command: new, role: try text(ofLine: place, .roleARN))
        var splices = [Splice(range: lines[place].content, text: new)]
        // Each is there once and on one line, or it would not have been read.
        for setting in settings[section.settings] {
            guard let name = setting.name, name.isOfRole, name != .roleARN else { continue }
            let line = setting.lines.lowerBound
            taken.remove(
                try text(ofLine: line, name), lineEnd: self.text(lines[line].terminator) ?? "",
                at: line - header)
            splices.append(deletion(ofLine: line))
        }
        splices.sort { $0.range.lowerBound < $1.range.lowerBound }
        let record = UndoRecord(profile: profile, createdFile: false, section: nil, takeover: taken)
        return try ConfigEdit(self, splices, undo: record)
    }
}
