/// What is known of an access key, without its secrets.
public struct Entry: Sendable, Equatable {
    /// `[A-Za-z][A-Za-z0-9._@+/-]{0,127}`, unique over the vault.
    public var name: String
    /// For example `AKIAIOSFODNN7EXAMPLE`.
    public var accessKeyID: String
    /// The account's 12 digits, when known.
    public var accountID: String?
    /// The IAM user that the key belongs to, when known.
    public var userName: String?
    /// When AWS made the key, in Unix seconds, when known.
    package var createdAt: Int64?
    /// When the credentials end, in Unix seconds; nil for a long-lived key.
    package var expiration: Int64?
    /// Where the key was imported from, for example `csv: prod_accessKeys.csv`.
    public var source: String?
    /// The region to use with the key.
    public var region: String?
    /// The user's own words.
    public var note: String?
    /// After how many seconds clients have to ask again; nil lets them keep a long-lived key.
    package var exposeFor: UInt32?
    /// How clients are answered that ask for this entry.
    public var serve = Serve.key
    /// Where requests to STS go instead of the region's public endpoint.
    public var stsEndpoint: String?
    /// Where requests to IAM go instead of the partition's public endpoint.
    public var iamEndpoint: String?
    /// The file of certificates to trust in place of the system's, an absolute path.
    public var caBundle: String?
    /// The ARN or the serial number of the user's MFA device.
    public var mfaSerial: String?
    /// For how many seconds a session is asked for (900 to 129600); nil for an hour, or for twelve with MFA.
    package var sessionSeconds: UInt32?
    /// How far a rotation of the key has come; nil when none is under way.
    public package(set) var rotation: Rotation?
    /// When AWS saw the key used last, in Unix seconds, as of ``lastUsedAskedAt``; nil when never.
    package var lastUsedAt: Int64?
    /// When AWS was asked for that, in Unix seconds.
    package var lastUsedAskedAt: Int64?
    /// When the key was sealed, in Unix seconds. Set by the vault.
    package internal(set) var sealedAt: Int64 = 0
    /// When anything of the entry was changed last, in Unix seconds. Set by the vault.
    package internal(set) var changedAt: Int64 = 0
    /// Whether a session token belongs to the key. Set by the vault.
    public internal(set) var hasSessionToken = false
    /// Whether a seed for one-time codes is sealed with the key. Set by the vault.
    public internal(set) var hasOneTimeCodeSeed = false

    /// What is handed out for an entry.
    @nonexhaustive
    public enum Serve: Sendable, Equatable {
        /// The key itself.
        case key
        /// A session of the key.
        case session
        /// The credentials of the role with this name.
        case role(String)
    }

    /// An entry to add; everything that is not named here can be set afterwards.
    public init(name: String, accessKeyID: String) {
        self.name = name
        self.accessKeyID = accessKeyID
    }
}

extension Entry: ReferringRecord {
    static let type = RecordType.accessKey

    init() { self.init(name: "", accessKeyID: "") }

    var reference: String? {
        get {
            if case .role(let name) = serve { return name }
            return nil
        }
        set { if case .role = serve { serve = .role(newValue ?? "") } }
    }

    mutating func visit<Coder: FieldCoder & ~Copyable & ~Escapable>(
        _ coder: inout Coder
    ) throws(Coder.Failure) {
        try coder.name(&name)
        try coder.id()
        try coder.text(3, "access key ID", &accessKeyID, as: .accessKeyID)
        try coder.secret(4, "secret access key", .key, as: .text(1...VaultFormat.secretLimit))
        try coder.secret(
            5, "session token", .token, as: .text(1...VaultFormat.tokenLimit), isThere: &hasSessionToken)
        try coder.time(6, "expiration", &expiration)
        try coder.text(7, "account ID", &accountID, as: .accountID)
        try coder.text(8, "user name", &userName, upTo: VaultFormat.fieldLimit)
        try coder.sealedAt(&sealedAt)
        try coder.time(10, "creation time", &createdAt)
        try coder.changedAt(&changedAt)
        try coder.text(12, "source", &source, upTo: VaultFormat.fieldLimit)
        try coder.text(13, "region", &region, upTo: VaultFormat.fieldLimit)
        try coder.text(14, "note", &note, upTo: VaultFormat.fieldLimit)
        try coder.seconds(15, "exposure time", &exposeFor)
        try serve.visit(&coder)
        try coder.text(18, "STS endpoint", &stsEndpoint, upTo: VaultFormat.endpointLimit)
        try coder.text(19, "IAM endpoint", &iamEndpoint, upTo: VaultFormat.endpointLimit)
        try coder.text(20, "CA bundle path", &caBundle, upTo: VaultFormat.pathLimit)
        try coder.text(21, "MFA device", &mfaSerial, upTo: VaultFormat.serialLimit)
        try coder.secret(
            22, "MFA seed", .seed, as: .bytes(VaultFormat.seedCounts), isThere: &hasOneTimeCodeSeed)
        try coder.seconds(23, "session duration", &sessionSeconds, in: 900...129_600)
        try Rotation.visit(&rotation, &coder)
        try coder.time(31, "time of the last use", &lastUsedAt)
        try coder.time(32, "time of the question for the last use", &lastUsedAskedAt)
    }
}

extension Entry.Serve {
    private enum Kind: UInt8 {
        case session = 1
        case role = 2
    }

    /// The kind, and the name of the role; a message has the one or the other.
    fileprivate mutating func visit<Coder: FieldCoder & ~Copyable & ~Escapable>(
        _ coder: inout Coder
    ) throws(Coder.Failure) {
        var (kind, role): (Kind?, String?) =
            switch self {
            case .key: (nil, nil)
            case .session: (.session, nil)
            case .role(let name): (Coder.isOfMessages ? nil : .role, name)
            }
        try coder.choice(16, "kind of credentials to serve", &kind, in: 1...2)
        try coder.expect(kind != .role)
        try coder.reference(17, "role to serve", &role)
        if kind == .session {
            self = .session
        } else if kind == .role || role != nil {
            // A role that is gone has no name, and the key is not handed out in its place.
            self = .role(role ?? "")
        }
    }
}
