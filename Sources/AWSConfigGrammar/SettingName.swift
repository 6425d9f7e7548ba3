/// The settings that matter here; every other one is only a range of bytes.
package enum SettingName: String, Sendable, CaseIterable {
    case credentialProcess = "credential_process"
    case region
    case output
    case accountID = "aws_account_id"
    case accessKeyID = "aws_access_key_id"
    case secretAccessKey = "aws_secret_access_key"
    case sessionToken = "aws_session_token"
    /// The session token's old name, which botocore still reads.
    case securityToken = "aws_security_token"
    case roleARN = "role_arn"
    case sourceProfile = "source_profile"
    case mfaSerial = "mfa_serial"
    case externalID = "external_id"
    case durationSeconds = "duration_seconds"
    case roleSessionName = "role_session_name"
    case credentialSource = "credential_source"
    case webIdentityTokenFile = "web_identity_token_file"
    case loginSession = "login_session"
    case caBundle = "ca_bundle"
    /// Any name that begins with `sso_`.
    case singleSignOn = "sso_"

    /// Whether the setting is part of a long-lived or temporary key in plaintext.
    package var isStaticKey: Bool {
        switch self {
        case .accessKeyID, .secretAccessKey, .sessionToken, .securityToken: true
        default: false
        }
    }

    /// Whether the setting names another source of credentials, which would win over ours or mix with it.
    package var isOtherSource: Bool {
        switch self {
        case .roleARN, .sourceProfile, .credentialSource, .webIdentityTokenFile, .loginSession, .singleSignOn:
            true
        default: false
        }
    }

    /// Whether the setting tells clients to assume a role by themselves, or how.
    package var isOfRole: Bool {
        switch self {
        case .roleARN, .sourceProfile, .mfaSerial, .externalID, .durationSeconds, .roleSessionName: true
        default: false
        }
    }

    /// The setting whose name stands in `range`. The name itself never leaves the bytes: in a damaged
    /// file it may be a piece of a secret.
    package init?(_ bytes: Span<UInt8>, _ range: Range<Int>) {
        let found = Self.allCases.first { name in
            name == .singleSignOn
                ? bytes.startsName(name.rawValue, in: range) : bytes.holdsName(name.rawValue, in: range)
        }
        guard let found else { return nil }
        self = found
    }
}
