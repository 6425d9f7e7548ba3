import AgentProtocol
import CredentialVault
import SecureMemory
import VaultCrypto

/// The live sessions of one vault, in memory and sealed in the state directory.
final class SessionStore {
    /// By their fingerprints.
    private var sessions: [String: HeldSession] = [:]
    private let file: SealedStateFile
    private let key: SecretBytes

    /// The most sessions that are kept; beyond, the one that ends first goes.
    static let limit = 256

    /// Reads what an earlier process has left.
    init(_ vault: borrowing KeyedVault, now: Int64) throws {
        let key = try vault.derivedKey("sealring1-sess")
        file = SealedStateFile.sessions(of: vault.vaultID, vault.location)
        self.key = key
        load(now)
        // Damaged, or left by a revocation that did not come to its end.
        if file.isForeign(self.key) { save(now) {} }
    }

    /// The session with this fingerprint, when it has long enough to live.
    func fresh(_ fingerprint: String, _ now: Int64) -> HeldSession? {
        guard let session = sessions[fingerprint], session.isFresh(now) else { return nil }
        return session
    }

    func keep(_ session: HeldSession, as fingerprint: String, _ now: Int64) {
        save(now) {
            sessions[fingerprint] = session
            sessions = sessions.filter { $0.value.expiration > now }
            while sessions.count > Self.limit,
                let first = sessions.filter({ $0.key != fingerprint }).min(by: {
                    $0.value.expiration < $1.value.expiration
                })
            {
                sessions[first.key] = nil
            }
        }
    }

    /// Forgets the sessions with these fingerprints; all of them when nil.
    ///
    /// - Returns: how many there were; nil when they are still sealed, and would come back.
    func forget(_ fingerprints: Set<String>?, _ now: Int64) -> Int? {
        var count = 0
        let isSealed = save(now) {
            let before = sessions.count
            sessions = sessions.filter { !(fingerprints?.contains($0.key) ?? true) }
            count = before - sessions.count
        }
        // Others go with them, and are fetched again.
        return isSealed || file.remove() ? count : nil
    }

    // MARK: the file

    /// Brings in what others have sealed meanwhile.
    func load(_ now: Int64) {
        guard let content = file.read(key) else { return }
        var position = 0
        while position < content.count {
            let rest = content.bytes.extracting(droppingFirst: position)
            guard case .size(let size) = FrameHead(rest), size <= rest.byteCount else { return }
            takeSession(rest.extracting(first: size), now)
            position += size
        }
    }

    /// Changes what is held, and seals it: together with what others have sealed, unless one of them is at it
    /// just now.
    ///
    /// - Returns: whether it is sealed.
    @discardableResult
    private func save(_ now: Int64, _ change: () -> Void) -> Bool {
        var isChanged = false
        let isSealed = file.replace(key, seconds: Timeouts.seconds(Timeouts.sealing)) {
            load(now)
            change()
            isChanged = true
            return try sealedContent()
        }
        if !isChanged { change() }
        return isSealed
    }

    private func sealedContent() throws -> SecretBuffer? {
        guard !sessions.isEmpty else { return nil }
        var content = try SecretBuffer(capacity: 64 << 10, limit: SealedStateFile.limit)
        for (fingerprint, session) in sessions {
            let start = try content.beginFrame(Self.frameKind)
            try content.appendField(fingerprint)
            try content.appendField(session.accessKeyID)
            try content.appendField(session.accountID ?? "")
            try content.appendField(session.arn)
            try content.appendField(UInt64(session.expiration))
            try content.appendField(UInt64(session.obtainedAt))
            try session.withSecrets { key, token in
                try content.appendField(key)
                try content.appendField(token)
            }
            try content.endFrame(start)
            // What does not fit is fetched again by the next process.
            if content.count > SealedStateFile.limit - (16 << 10) { break }
        }
        return content
    }

    private func takeSession(_ frame: RawSpan, _ now: Int64) {
        guard var reader = FrameReader(frame), reader.kind == Self.frameKind,
            let fingerprint = reader.nextText(limit: 64), let id = reader.nextText(limit: 128),
            let account = reader.nextText(limit: 12), let arn = reader.nextText(limit: 2048),
            let expiration = reader.next(UInt64.self), let obtained = reader.next(UInt64.self),
            let key = reader.next(), let token = reader.next(), reader.isAtEnd
        else { return }
        let end = Int64(clamping: expiration)
        // Pages of secret memory are made only for what is new.
        guard end > now, sessions[fingerprint].map({ $0.expiration < end }) ?? true else { return }
        sessions[fingerprint] = try? HeldSession(
            accessKeyID: id, accountID: account.isEmpty ? nil : account, arn: arn, expiration: end,
            obtainedAt: Int64(clamping: obtained), key: key, token: token)
    }

    private static let frameKind: UInt8 = 120
}
