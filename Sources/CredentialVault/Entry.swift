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
    public var createdAt: Int64?
    /// When the credentials end, in Unix seconds; nil for a long-lived key.
    public var expiration: Int64?
    /// Where the key was imported from, for example `csv: prod_accessKeys.csv`.
    public var source: String?
    /// The region to use with the key.
    public var region: String?
    /// The user's own words.
    public var note: String?
    /// After how many seconds clients have to ask again; nil lets them keep a long-lived key.
    public var exposeFor: UInt32?
    /// When the key was sealed, in Unix seconds. Set by the vault.
    public internal(set) var sealedAt: Int64 = 0
    /// When anything of the entry was changed last, in Unix seconds. Set by the vault.
    public internal(set) var changedAt: Int64 = 0
    /// Whether a session token belongs to the key. Set by the vault.
    public internal(set) var hasSessionToken = false

    /// An entry to add; everything that is not named here can be set afterwards.
    public init(name: String, accessKeyID: String) {
        self.name = name
        self.accessKeyID = accessKeyID
    }
}
