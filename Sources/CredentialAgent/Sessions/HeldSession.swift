import AgentProtocol
import SecureMemory

/// Credentials that AWS gave for a time, in locked memory.
final class HeldSession {
    let accessKeyID: String
    let accountID: String?
    /// Whose they are, as AWS writes it; empty when it did not say.
    let arn: String
    /// Unix seconds.
    let expiration: Int64
    let obtainedAt: Int64
    /// The secret access key, then the session token.
    private let secrets: SecretBytes
    private let keyCount: Int

    /// The least seconds that a session has to live when it is handed out: clients ask again for every
    /// request when it is less than 15 minutes.
    static let reserve: Int64 = 20 * 60

    init(
        accessKeyID: String, accountID: String?, arn: String, expiration: Int64, obtainedAt: Int64,
        key: RawSpan, token: RawSpan
    ) throws(SecureMemoryError) {
        var secrets = try SecretBytes(count: key.byteCount + token.byteCount)
        secrets.overwrite(at: 0, with: key)
        secrets.overwrite(at: key.byteCount, with: token)
        self.accessKeyID = accessKeyID
        self.accountID = accountID
        self.arn = arn
        self.expiration = expiration
        self.obtainedAt = obtainedAt
        keyCount = key.byteCount
        self.secrets = secrets
    }

    /// Whether it may still be handed out; one that AWS made much shorter than is ever asked for is used for
    /// half of its life.
    func isFresh(_ now: Int64) -> Bool {
        let life = max(expiration - obtainedAt, 0)
        let rest = life >= Self.reserve + 300 ? Self.reserve : max(life / 2, 1)
        return expiration - now >= rest && now >= obtainedAt - 900
    }

    /// Calls `body` with the secret access key and the session token.
    func withSecrets<Result: ~Copyable>(_ body: (RawSpan, RawSpan) throws -> Result) rethrows -> Result {
        try secrets.withBytes { bytes in
            try body(bytes.extracting(first: keyCount), bytes.extracting(droppingFirst: keyCount))
        }
    }
}
