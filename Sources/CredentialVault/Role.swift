import AWSValues

/// A role that is assumed with the credentials of a key, or of another role. Nothing in it is secret.
public struct Role: Sendable, Equatable {
    /// Unique over keys and roles; the rules are those of ``Entry/name``.
    public var name: String
    /// For example `arn:aws:iam::123456789012:role/Admin`.
    public var roleARN: String
    /// The name of the key or the role that assumes it.
    public var source: String
    /// The region whose STS is asked; nil takes that of the source.
    public var region: String?
    /// The user's own words.
    public var note: String?
    /// Where requests to STS go; nil takes that of the source.
    public var stsEndpoint: String?
    /// The file of certificates to trust; nil takes that of the source.
    public var caBundle: String?
    /// The MFA device of the user whose key it comes down to; nil takes that of the source.
    public var mfaSerial: String?
    /// For how many seconds it is asked for (900 to 43200, and 3600 at most in a chain); nil for an hour.
    package var sessionSeconds: UInt32?
    /// What the role's owner asks for, to tell its callers apart; 2 to 1224 characters.
    public var externalID: String?
    /// A policy as JSON that narrows the session; at most 2048 characters.
    public var policy: String?
    /// At most 10 managed policies that narrow the session.
    public var policyARNs: [String] = []
    /// At most 50 tags of the session, each `key=value`.
    public var tags: [String] = []
    /// The keys of those tags that go on to further roles.
    public var transitiveTagKeys: [String] = []
    /// Who stands behind the session, 2 to 64 characters.
    public var sourceIdentity: String?
    /// What the session is called in AWS's logs, 2 to 64 characters; nil for a name of this machine and user.
    public var sessionName: String?
    /// When the role was sealed, in Unix seconds. Set by the vault.
    package internal(set) var sealedAt: Int64 = 0
    /// When anything of it was changed last, in Unix seconds. Set by the vault.
    package internal(set) var changedAt: Int64 = 0

    /// A role to add; everything that is not named here can be set afterwards.
    public init(name: String, roleARN: String, source: String) {
        self.name = name
        self.roleARN = roleARN
        self.source = source
    }
}

extension Role: ReferringRecord {
    static let type = RecordType.role

    init() { self.init(name: "", roleARN: "", source: "") }

    var reference: String? {
        get { source }
        set { source = newValue ?? "" }
    }

    mutating func visit<Coder: FieldCoder & ~Copyable & ~Escapable>(
        _ coder: inout Coder
    ) throws(Coder.Failure) {
        try coder.name(&name)
        try coder.id()
        try coder.sealedAt(&sealedAt)
        try coder.changedAt(&changedAt)
        try coder.text(13, "region", &region, upTo: VaultFormat.fieldLimit)
        try coder.text(14, "note", &note, upTo: VaultFormat.fieldLimit)
        try coder.text(18, "STS endpoint", &stsEndpoint, upTo: VaultFormat.endpointLimit)
        try coder.text(20, "CA bundle path", &caBundle, upTo: VaultFormat.pathLimit)
        try coder.text(21, "MFA device", &mfaSerial, upTo: VaultFormat.serialLimit)
        try coder.seconds(23, "session duration", &sessionSeconds, in: 900...43_200)
        try coder.text(33, "role ARN", &roleARN, as: .text(1...RoleARN.limit))
        try coder.reference(34, "source", &source)
        try coder.text(35, "external ID", &externalID, as: .text(STSWord.externalID.lengths))
        try coder.text(36, "session policy", &policy, upTo: 2048)
        try coder.lines(37, "policy ARN", &policyARNs, count: 10, upTo: VaultFormat.fieldLimit)
        try coder.lines(38, "session tag", &tags, count: 50, upTo: VaultFormat.tagsLimit)
        try coder.lines(
            39, "transitive tag key", &transitiveTagKeys, count: 50, upTo: VaultFormat.tagKeysLimit)
        try coder.text(40, "source identity", &sourceIdentity, as: .text(STSWord.sourceIdentity.lengths))
        try coder.text(41, "session name", &sessionName, as: .text(STSWord.sessionName.lengths))
    }
}
