import AWSConfigGrammar
import DurableFiles
package import SecureMemory

/// Where the parts of a plaintext access key stand in a document.
package struct StaticKeys: Equatable, Sendable {
    package let profile: String
    /// The line of the first part, counted from 1.
    package let line: Int
    package let accessKeyID: Range<Int>?
    package let secretAccessKey: Range<Int>?
    package let sessionToken: Range<Int>?
}

extension ConfigDocument {
    /// The profiles that hold plaintext access keys, in the file's order.
    package var profilesWithStaticKeys: [String] {
        var known: Set<ExactText> = []
        return sections.compactMap { section in
            let holdsKey = settings[section.settings].contains { $0.name?.isStaticKey ?? false }
            guard holdsKey, let profile = section.profile, known.insert(ExactText(profile)).inserted else {
                return nil
            }
            return profile
        }
    }

    /// The plaintext access key of a profile, or nil when it holds none; a part without a value is nil.
    ///
    /// - Throws: when the profile or a part stands twice, or a part continues over several lines.
    package func staticKeys(of profile: String) throws(AWSConfigError) -> StaticKeys? {
        guard let section = try section(of: profile) else { return nil }
        let keys = settings[section.settings].filter { $0.name?.isStaticKey ?? false }
        guard let first = keys.first else { return nil }
        if let long = keys.first(where: { !$0.isOnOneLine }) {
            throw .settingOverLines(name: long.name?.rawValue ?? "", line: long.lines.lowerBound + 1)
        }
        func value(_ name: SettingName) throws(AWSConfigError) -> Range<Int>? {
            guard let setting = try setting(name, in: section), !setting.value.isEmpty else { return nil }
            return setting.value
        }
        // botocore takes the old name first, even when nothing is behind it.
        let hasOldName = keys.contains { $0.name == .securityToken }
        let token = try value(.sessionToken)
        let oldToken = try value(.securityToken)
        return StaticKeys(
            profile: profile, line: first.lines.lowerBound + 1, accessKeyID: try value(.accessKeyID),
            secretAccessKey: try value(.secretAccessKey),
            sessionToken: hasOldName ? oldToken : token)
    }

    /// A setting that makes clients take a profile's credentials from elsewhere than from this entry: what the
    /// credentials file says they take before what the config file says.
    package func otherSource(
        of profile: String, than entry: String
    ) throws(AWSConfigError) -> (name: String, line: Int)? {
        guard let section = try section(of: profile) else { return nil }
        let found = settings[section.settings].first { setting in
            guard let name = setting.name else { return false }
            guard name == .credentialProcess else { return name.isOtherSource }
            return text(setting.value).flatMap(Self.entry).map { !same($0, entry) } ?? true
        }
        return found.flatMap { setting in
            setting.name.map { ($0.rawValue, setting.lines.lowerBound + 1) }
        }
    }

    /// A copy of the bytes in a range, in secret memory.
    package func secret(in range: Range<Int>) throws(AWSConfigError) -> SecretBytes {
        do throws(SecureMemoryError) {
            return try bytes.copy(range)
        } catch {
            throw .file(.memory(error))
        }
    }

    /// An access key id as text; nil when it is longer than 4 KiB or no UTF-8.
    package func accessKeyID(of keys: StaticKeys) -> String? {
        keys.accessKeyID.flatMap { text($0) }
    }

    /// Removes a profile's plaintext access key line by line, and the section when only blank lines are
    /// left of it.
    ///
    /// - Returns: nil when the profile holds none.
    package func removeStaticKeys(of profile: String) throws(AWSConfigError) -> ConfigEdit? {
        guard try staticKeys(of: profile) != nil, let section = try section(of: profile) else { return nil }
        let removed = settings[section.settings].filter { $0.name?.isStaticKey ?? false }.map(
            \.lines.lowerBound)
        guard isBlank(section, without: removed), let last = section.lines.last else {
            return try ConfigEdit(self, removed.map { deletion(ofLine: $0) })
        }
        let whole = lines[section.lines.lowerBound].range.lowerBound..<lines[last].range.upperBound
        return try ConfigEdit(self, [Splice(range: whole, text: "")])
    }
}
