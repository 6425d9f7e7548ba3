extension RecordFormat {
    /// What is wrong with a value that was given for a field, and what it must be. The value is not repeated: it
    /// may be a secret, pasted into the wrong place.
    static func complaint(tag: UInt16, rule: Rule) -> String { "invalid \(words(tag)): \(requirement(rule))" }

    /// The field as people know it.
    private static func words(_ tag: UInt16) -> String {
        switch tag {
        case Tag.name: "name"
        case Tag.accessKeyID, Tag.otherAccessKeyID: "access key ID"
        case Tag.secretAccessKey, Tag.otherSecretAccessKey: "secret access key"
        case Tag.sessionToken: "session token"
        case Tag.expiration: "expiration"
        case Tag.accountID: "account ID"
        case Tag.userName: "user name"
        case Tag.createdAt, Tag.otherCreatedAt: "creation time"
        case Tag.source: "source"
        case Tag.region: "region"
        case Tag.note: "note"
        case Tag.exposeFor: "exposure time"
        case Tag.serve: "kind of credentials to serve"
        case Tag.stsEndpoint: "STS endpoint"
        case Tag.iamEndpoint: "IAM endpoint"
        case Tag.caBundle: "CA bundle path"
        case Tag.mfaSerial: "MFA device"
        case Tag.oneTimeCodeSeed: "MFA seed"
        case Tag.sessionSeconds: "session duration"
        case Tag.rotationKeysBefore: "list of access key IDs"
        case Tag.roleARN: "role ARN"
        case Tag.externalID: "external ID"
        case Tag.policy: "session policy"
        case Tag.policyARNs: "policy ARN"
        case Tag.sessionTags: "session tag"
        case Tag.transitiveTagKeys: "transitive tag key"
        case Tag.sourceIdentity: "source identity"
        case Tag.sessionName: "session name"
        default: "record"
        }
    }

    private static func requirement(_ rule: Rule) -> String {
        let plain = "must not contain line breaks or other control characters"
        return switch rule {
        case .name: "it must start with a letter and have at most 128 letters, digits and ._@+/-"
        case .recordID: "it must have 16 bytes"
        case .accessKeyID: "it must have 16 to 128 capital letters and digits"
        case .accountID: "it must have 12 digits"
        case .time: "it must be a time from 1970 to 9999"
        case .seconds: "it must be a number of seconds"
        case .text(let limit): "it must have 1 to \(limit) bytes and \(plain)"
        case .sized(let counts):
            "it must have \(counts.lowerBound) to \(counts.upperBound) bytes and \(plain)"
        case .lines(let limit, let most):
            "there may be \(most) with \(limit) bytes together, and they \(plain)"
        case .choice: "unknown choice"
        case .duration(let range): "it must be \(range.lowerBound) to \(range.upperBound) seconds"
        case .bytes(let counts): "it must have \(counts.lowerBound) to \(counts.upperBound) bytes"
        case .unknown: "it has more than 1 MiB"
        }
    }
}
