import AgentProtocol
import CredentialVault
import SecureMemory

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
    }

    /// The session with this fingerprint, when it has long enough to live.
    func fresh(_ fingerprint: String, _ now: Int64) -> HeldSession? {
        guard let session = sessions[fingerprint], session.isFresh(now) else { return nil }
        return session
    }

    func keep(_ session: HeldSession, as fingerprint: String, _ now: Int64) {
        // Another process without an agent may have left some since.
        load(now)
        sessions[fingerprint] = session
        sessions = sessions.filter { $0.value.expiration > now }
        while sessions.count > Self.limit,
            let first = sessions.min(by: { $0.value.expiration < $1.value.expiration })
        {
            sessions[first.key] = nil
        }
        save()
    }

    /// Forgets the sessions with these fingerprints; all of them when nil.
    ///
    /// - Returns: how many there were.
    func forget(_ fingerprints: Set<String>?) -> Int {
        let before = sessions.count
        guard let fingerprints else {
            sessions = [:]
            file.remove()
            return before
        }
        sessions = sessions.filter { !fingerprints.contains($0.key) }
        save()
        return before - sessions.count
    }

    var count: Int { sessions.count }

    private func save() {
        guard !sessions.isEmpty else { return file.remove() }
        do {
            var content = try SecretBuffer(capacity: 64 << 10, limit: SealedStateFile.limit)
            for (fingerprint, session) in sessions {
                let start = try content.beginFrame(Self.frameKind)
                try content.appendField(fingerprint)
                try content.appendField(session.accessKeyID)
                try content.appendField(session.accountID ?? "")
                try content.appendField(session.arn)
                try content.appendField(UInt64(session.expiration))
                try content.appendField(UInt64(session.obtainedAt))
                try unsafe session.withSecrets { key, token in
                    try unsafe content.appendField(key)
                    try unsafe content.appendField(token)
                }
                try content.endFrame(start)
            }
            file.write(content, key)
        } catch {
            // They are fetched again by the next process.
        }
    }

    private func load(_ now: Int64) {
        guard let content = file.read(key) else { return }
        unsafe content.withUnsafeBytes { bytes in
            var position = 0
            while position < bytes.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[position...])
                guard case .size(let size) = unsafe FrameHead(rest), size <= rest.count,
                    let (fingerprint, session) = unsafe Self.read(
                        UnsafeRawBufferPointer(rebasing: rest[..<size]))
                else { return }
                position += size
                guard session.expiration > now else { continue }
                if let held = sessions[fingerprint], held.expiration >= session.expiration { continue }
                sessions[fingerprint] = session
            }
        }
    }

    private static func read(_ frame: UnsafeRawBufferPointer) -> (String, HeldSession)? {
        guard var reader = unsafe FrameReader(frame), unsafe reader.kind == frameKind,
            let fingerprint = unsafe reader.nextText(limit: 64), let id = unsafe reader.nextText(limit: 128),
            let account = unsafe reader.nextText(limit: 12), let arn = unsafe reader.nextText(limit: 2048),
            let expiration = unsafe reader.next(UInt64.self), let obtained = unsafe reader.next(UInt64.self),
            let key = unsafe reader.next(), let token = unsafe reader.next(), unsafe reader.isAtEnd,
            let session = try? unsafe HeldSession(
                accessKeyID: id, accountID: account.isEmpty ? nil : account, arn: arn,
                expiration: Int64(clamping: expiration), obtainedAt: Int64(clamping: obtained), key: key,
                token: token)
        else { return nil }
        return (fingerprint, session)
    }

    private static let frameKind: UInt8 = 120
}
