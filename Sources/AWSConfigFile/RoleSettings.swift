package import AWSConfigGrammar

/// What one of the two files says of a profile's role. AWS clients join both files: of two values they take the
/// one of the credentials file, also an empty one.
package struct RoleSettings: Equatable, Sendable {
    package struct Value: Equatable, Sendable {
        package let text: String
        /// Counted from 1.
        package let line: Int
    }

    package fileprivate(set) var values: [SettingName: Value] = [:]

    /// The settings that make a client assume a role, in the order of their lines.
    package var sources: [(name: SettingName, line: Int)] {
        values.filter { $0.key == .roleARN || $0.key == .sourceProfile }
            .map { ($0.key, $0.value.line) }.sorted { $0.1 < $1.1 }
    }
}

extension ConfigDocument {
    /// What the section of a profile says of a role, with what it inherits from `[DEFAULT]`; nothing when the
    /// profile has no section.
    package func roleSettings(of profile: String) throws(AWSConfigError) -> RoleSettings {
        var found = RoleSettings()
        guard let section = try section(of: profile) else { return found }
        let inherited = sections.filter(\.isDefaults).flatMap { settings[$0.settings] }
        for name in SettingName.allCases where name.isOfRole || name == .region || name == .caBundle {
            let own = try setting(name, in: section)
            guard let setting = own ?? inherited.first(where: { $0.name == name }) else { continue }
            found.values[name] = RoleSettings.Value(
                text: try replaceableValue(of: setting, name), line: setting.lines.lowerBound + 1)
        }
        return found
    }

    /// Whether the file lets a client assume a role for the profile, or says with what: read without regard to
    /// anything else that is wrong in the section.
    package func namesRole(of profile: String) -> Bool {
        let own = sections.filter { $0.profile.map { same($0, profile) } ?? false }
        guard !own.isEmpty else { return false }
        return (own + sections.filter(\.isDefaults)).contains { section in
            settings[section.settings].contains { $0.name == .roleARN || $0.name == .sourceProfile }
        }
    }
}

/// What keeps a role from being read, and the file that says so.
package struct RoleFault: Error, Equatable {
    package let error: AWSConfigError
    package let file: ConfigKind
}

extension RoleProfile {
    /// The role of a profile as AWS clients see it in both files; nil when it assumes none.
    package static func read(
        _ profile: String, in config: borrowing ConfigDocument, _ credentials: borrowing ConfigDocument
    ) throws(RoleFault) -> RoleProfile? {
        let isInCredentials = credentials.namesRole(of: profile)
        do throws(AWSConfigError) {
            if !isInCredentials, try config.roleProfile(of: profile) == nil { return nil }
        } catch { throw RoleFault(error: error, file: .config) }
        let (ours, theirs): (RoleSettings, RoleSettings)
        do throws(AWSConfigError) { ours = try config.roleSettings(of: profile) } catch {
            throw RoleFault(error: error, file: .config)
        }
        do throws(AWSConfigError) { theirs = try credentials.roleSettings(of: profile) } catch {
            throw RoleFault(error: error, file: .credentials)
        }
        do throws(AWSConfigError) {
            return try RoleProfile(profile, joining: ours, theirs)
        } catch {
            throw RoleFault(
                error: error, file: theirs.values[.roleARN] == nil ? .config : .credentials)
        }
    }

    /// The role that AWS clients see in both files together; nil when neither has a `role_arn`.
    ///
    /// - Throws: ``AWSConfigError/otherSource(profile:setting:line:)`` when the credentials that assume the role
    ///   are not those of a profile.
    init?(
        _ profile: String, joining config: RoleSettings, _ credentials: RoleSettings
    ) throws(AWSConfigError) {
        let joined = config.values.merging(credentials.values) { $1 }
        guard let role = joined[.roleARN] else { return nil }
        func text(_ name: SettingName) -> String? {
            joined[name].flatMap { $0.text.isEmpty ? nil : $0.text }
        }
        guard let roleARN = text(.roleARN), let source = text(.sourceProfile) else {
            throw .otherSource(profile: profile, setting: SettingName.roleARN.rawValue, line: role.line)
        }
        self.init(
            profile: profile, line: role.line, roleARN: roleARN, sourceProfile: source,
            mfaSerial: text(.mfaSerial), externalID: text(.externalID),
            durationSeconds: text(.durationSeconds), sessionName: text(.roleSessionName),
            region: text(.region), caBundle: text(.caBundle), lines: joined.mapValues(\.line),
            inCredentials: Set(credentials.values.keys))
    }
}
