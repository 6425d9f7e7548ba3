import AWSConfigGrammar

/// The settings of a section, or of all `[DEFAULT]` ones, that belong to a key.
struct SectionSettings {
    /// Names under which tools store the expiration of temporary credentials; AWS clients read none of them.
    private static let expirations = [
        "x_security_token_expires",  // saml2aws, okta-aws-cli, gimme-aws-creds
        "aws_expiration",  // aws-azure-login
        "aws_credential_expiration", "aws_credentials_expiration", "aws_credentials_expiry",
        "aws_session_expiration",  // yawsso
        "aws_session_token_expiration", "aws_session_token_expires", "aws_security_token_expires",
        "expiration",  // aws-mfa, awsume
    ]

    private(set) var all: [ConfigSetting] = []
    private(set) var expiration: ConfigSetting?
    private var byName: [SettingName: ConfigSetting] = [:]
    private var twice: ConfigSetting?

    init(_ settings: some Sequence<ConfigSetting>, _ bytes: Span<UInt8>) {
        for setting in settings {
            if let name = setting.name, name.isPartOfKey {
                all.append(setting)
                if byName[name] == nil { byName[name] = setting } else { twice = twice ?? setting }
            } else if expiration == nil,
                Self.expirations.contains(where: { bytes.holdsName($0, in: setting.nameRange) })
            {
                all.append(setting)
                expiration = setting
            }
        }
    }

    subscript(_ name: SettingName) -> ConfigSetting? { byName[name] }

    /// Whether there is an access key id or a secret.
    var holdsKey: Bool { byName[.accessKeyID] != nil || byName[.secretAccessKey] != nil }

    /// The line of the first of the two, counted from 1.
    var firstLineOfKey: Int? {
        [byName[.accessKeyID], byName[.secretAccessKey]].compactMap { $0?.lines.lowerBound }.min().map {
            $0 + 1
        }
    }

    /// Whether there is a part of a key, if only a session token.
    var holdsCredentials: Bool {
        holdsKey || byName[.sessionToken] != nil || byName[.securityToken] != nil
    }

    /// Whether a part of the key that these settings give would come from `defaults`.
    func inheritsCredentials(of defaults: SectionSettings) -> Bool {
        let parts: [SettingName] = [.accessKeyID, .secretAccessKey, .sessionToken, .securityToken]
        return parts.contains { byName[$0] == nil && defaults[$0] != nil }
    }

    /// What keeps the settings from being one key without a doubt.
    func fault(_ bytes: Span<UInt8>, _ lines: [ConfigLine]) -> (line: Int, reason: String)? {
        if let twice, let name = twice.name {
            return (twice.lines.lowerBound + 1, "'\(name.rawValue)' is set twice")
        }
        for setting in all {
            guard let next = setting.lines.dropFirst().first(where: { lines[$0].kind == .continuation })
            else {
                continue
            }
            let name = bytes.text(setting.nameRange).map { escaped($0, limit: 64) } ?? ""
            return (next + 1, "'\(name)' continues on a second line")
        }
        // botocore prefers the old name, even if its value is empty.
        guard let old = byName[.securityToken], let new = byName[.sessionToken], !new.value.isEmpty,
            !areEqual(old.value, new.value, bytes)
        else { return nil }
        return (old.lines.lowerBound + 1, "'aws_session_token' and 'aws_security_token' differ")
    }
}

extension SettingName {
    /// Whether the setting is sealed with a key, or beside it.
    fileprivate var isPartOfKey: Bool {
        switch self {
        case .accessKeyID, .secretAccessKey, .sessionToken, .securityToken, .accountID, .region, .mfaSerial:
            true
        default: false
        }
    }
}

extension Span<UInt8> {
    /// Whether a line is an assignment of a key's id or secret, also one of a shell.
    func beginsWithKeySetting(_ line: Range<Int>) -> Bool {
        guard let delimiter = firstIndex(of: UInt8(ascii: "="), or: UInt8(ascii: ":"), in: line) else {
            return false
        }
        let name = trimmed(line.lowerBound..<delimiter).content
        return isNameOfKey(name) || isShellAssignmentOfKey(name)
    }

    /// Whether a setting's name is `export AWS_ACCESS_KEY_ID` or the like.
    func isShellAssignmentOfKey(_ name: Range<Int>) -> Bool {
        guard startsName("export", in: name), name.count > 6 else { return false }
        let rest = (name.lowerBound + 6)..<name.upperBound
        let variable = trimmed(rest).content
        return variable.lowerBound > rest.lowerBound && isNameOfKey(variable)
    }

    private func isNameOfKey(_ name: Range<Int>) -> Bool {
        holdsName(SettingName.accessKeyID.rawValue, in: name)
            || holdsName(SettingName.secretAccessKey.rawValue, in: name)
    }
}

private func areEqual(_ one: Range<Int>, _ other: Range<Int>, _ bytes: Span<UInt8>) -> Bool {
    one.count == other.count && zip(one, other).allSatisfy { bytes[$0] == bytes[$1] }
}
