import SecureMemory

/// Which variables of the environment a program of `exec` keeps, and which it gets.
package enum ExecEnvironment {
    /// Whether an inherited variable, `NAME=value`, stays: none from which an SDK takes credentials does, nor what is set
    /// anew, nor our own settings but those that say where the agent is.
    ///
    /// - Parameter replaced: names that are set anew this time.
    package static func isKept(_ variable: RawSpan, replacing replaced: [StaticString] = []) -> Bool {
        if replaced.contains(where: { isNamed($0, variable) }) { return false }
        if kept.contains(where: { isNamed($0, variable) }) { return true }
        if dropped.contains(where: { isNamed($0, variable) }) { return false }
        return !families.contains { variable.hasPrefix($0.rawSpan) }
    }

    private static func isNamed(_ name: StaticString, _ variable: RawSpan) -> Bool {
        let count = name.utf8CodeUnitCount
        return variable.hasPrefix(name.rawSpan) && variable.byteCount > count
            && variable.byte(at: count) == UInt8(ascii: "=")
    }

    /// The variables that name a region; boto3 reads only the second.
    package static var regions: [StaticString] { ["AWS_REGION", "AWS_DEFAULT_REGION"] }

    private static var kept: [StaticString] {
        ["SEALRING_AGENT_SOCKET", "SEALRING_VAULT", "SEALRING_STATE_DIR"]
    }

    private static var families: [StaticString] {
        ["AWS_CONTAINER_", "AWS_BEARER_TOKEN_", "SEALRING_"]
    }

    private static var dropped: [StaticString] {
        [
            "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN",
            "AWS_CREDENTIAL_EXPIRATION", "AWS_CREDENTIAL_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            // The names of older SDKs.
            "AWS_ACCESS_KEY", "AWS_SECRET_KEY",
            // Set anew.
            "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
            "AWS_SDK_LOAD_CONFIG",
        ]
    }
}
