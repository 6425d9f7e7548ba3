package import AWSConfigGrammar

/// What a profile says beside its key or its role.
package struct BesideSettings: Equatable, Sendable {
    /// A setting that is taken along.
    package struct Value: Equatable, Sendable {
        package let text: String
        /// Counted from 1.
        package let line: Int

        package init(text: String, line: Int) {
            self.text = text
            self.line = line
        }
    }

    /// A setting that is not: it stays where it is, and does for the profile what it did only while other
    /// programs fetch the credentials.
    package struct Left: Equatable, Sendable {
        package let name: String
        package let line: Int
    }

    package var mfaSerial: Value?
    package var region: Value?
    package var caBundle: Value?
    package var left: [Left]

    package init() { left = [] }

    /// What both files say of a profile: of two values, AWS clients take the one of the credentials file.
    package func joined(with config: BesideSettings) -> BesideSettings {
        var joined = self
        joined.mfaSerial = mfaSerial ?? config.mfaSerial
        joined.region = region ?? config.region
        joined.caBundle = caBundle ?? config.caBundle
        joined.left += config.left
        return joined
    }
}

extension ConfigDocument {
    /// Settings that say how credentials are fetched, which the vault has no place for or another one. Those of
    /// aws-vault and awsume are among them, and where the AWS CLI sends its own requests to STS. Only these
    /// names are ever repeated: another one may be a piece of a secret in a damaged file.
    private static let left = [
        "include_profile", "parent_profile", "mfa_process", "session_tags", "transitive_session_tags",
        "source_identity", "role_duration", "assume_role_ttl", "session_ttl", "chained_session_token_ttl",
        "endpoint_url", "services", "sts_regional_endpoints", "use_fips_endpoint", "use_dualstack_endpoint",
    ]

    /// What stands beside the key or the role of a profile.
    package func besideSettings(of profile: String) throws(AWSConfigError) -> BesideSettings {
        guard let section = try section(of: profile) else { return BesideSettings() }
        return besideSettings(of: section)
    }

    /// What stands beside the keys and the roles of all profiles; of one that stands twice, the last counts.
    package var besideSettings: [ExactText: BesideSettings] {
        var found: [ExactText: BesideSettings] = [:]
        for section in sections {
            if let profile = section.profile { found[ExactText(profile)] = besideSettings(of: section) }
        }
        return found
    }

    private func besideSettings(of section: ConfigSection) -> BesideSettings {
        var found = BesideSettings()
        var device: BesideSettings.Value?
        for setting in settings[section.settings] {
            let line = setting.lines.lowerBound + 1
            let value = setting.isOnOneLine && !setting.value.isEmpty ? text(setting.value) : nil
            switch (setting.name, value.map { BesideSettings.Value(text: $0, line: line) }) {
            case (.mfaSerial, let value?): found.mfaSerial = value
            case (.region, let value?): found.region = value
            case (.caBundle, let value?): found.caBundle = value
            default:
                // As aws-mfa names it.
                let isDevice = octets.holdsName("aws_mfa_device", in: setting.nameRange)
                let name = Self.left.first { octets.holdsName($0, in: setting.nameRange) }
                if isDevice, let value { device = BesideSettings.Value(text: value, line: line) }
                if let name { found.left.append(BesideSettings.Left(name: name, line: line)) }
            }
        }
        found.mfaSerial = found.mfaSerial ?? device
        return found
    }
}
