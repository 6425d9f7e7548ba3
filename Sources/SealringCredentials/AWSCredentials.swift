import Platform
import SecureMemory

/// Credentials for requests to AWS, in locked memory that is wiped when the value ends.
///
/// It cannot be copied or printed. AWS SDKs want strings: what they are given is theirs, in ordinary memory.
public struct AWSCredentials: ~Copyable, Sendable {
    /// 16 to 128 characters, for example `AKIAIOSFODNN7EXAMPLE`.
    public let accessKeyID: String
    /// The 12 digits of the account, where they are known.
    public let accountID: String?
    /// When they end, as the time since 1970-01-01 00:00 UTC; nil for a long-lived key.
    public let expiration: Duration?

    private let secrets: SecretBytes
    private let keyCount: Int
    private let hasToken: Bool

    /// - Parameters:
    ///   - secrets: the secret access key, and behind it the session token.
    ///   - keyCount: how many bytes of that are the key.
    init(
        accessKeyID: String, accountID: String?, expiration: Duration?, secrets: consuming SecretBytes,
        keyCount: Int, hasToken: Bool
    ) {
        self.accessKeyID = accessKeyID
        self.accountID = accountID
        self.expiration = expiration
        self.secrets = secrets
        self.keyCount = keyCount
        self.hasToken = hasToken
    }

    /// The secret access key, in UTF-8, to use in place.
    public var secretAccessKey: RawSpan {
        @_lifetime(borrow self)
        get { secrets.bytes.extracting(first: keyCount) }
    }

    /// The session token, in UTF-8; nil for a long-lived key.
    public var sessionToken: RawSpan? {
        @_lifetime(borrow self)
        get { hasToken ? secrets.bytes.extracting(droppingFirst: keyCount) : nil }
    }

    /// How long they are still valid, negative when they have ended; nil for a long-lived key.
    public var timeLeft: Duration? { expiration.map { $0 - .seconds(UnixTime.now()) } }
}
