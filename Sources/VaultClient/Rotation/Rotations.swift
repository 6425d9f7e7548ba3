import CredentialVault
import DurableFiles
import ProgramSupport

/// Which keys are rotated, and how.
package struct RotationRequest {
    package let goal: RotationGoal
    /// The entry; nil for all that have a long-lived key.
    package let name: String?
    /// Only keys that are older than so many seconds.
    package let olderThan: UInt32?
    /// Seconds between the two checks of a key.
    package let settling: UInt32
    /// For how many seconds the old key is kept, inactive; nil for what was said when the rotation began.
    package let keepingOld: UInt32?
    /// Whether what would be asked is answered with yes.
    package let isForced: Bool

    /// - Throws: when a duration is none.
    package init(
        _ goal: RotationGoal, of name: String?, olderThan: String?, settling: String, keepingOld: String?,
        isForced: Bool
    ) throws {
        self.goal = goal
        self.name = name
        self.settling = try DurationText.seconds(settling, in: 0...600)
        self.keepingOld = try keepingOld.map { try DurationText.seconds($0, in: 60...2_592_000) }
        self.olderThan = try olderThan.map { try DurationText.seconds($0, in: 60...315_360_000) }
        self.isForced = isForced
    }
}

/// Rotates the keys of entries, one after the other.
package struct Rotations {
    private let request: RotationRequest
    private let vault: any VaultAccess
    private let keys: (Entry) -> any UserKeys
    private let acceptsRollback: Bool

    private var conversation: any Conversation { vault.conversation }

    /// Rotates, with a lock on all rotations of this user.
    package static func run(_ request: RotationRequest, _ mfa: MFACode, _ client: Client) throws {
        let state = try Paths.stateDirectory()
        try Directory.make(state)
        let lock = try FileLock("rotate.lock", in: Directory(state), seconds: 0.5)
        defer { extendLifetime(lock) }
        // Only now: another program may have gone on with a rotation before.
        let vault = try client.access()
        let sessions = try vault.sessions(mfa)
        try Rotations(request, in: vault, acceptsRollback: client.acceptsRollback) { entry in
            IAMKeys(sessions, entry.name, needsMFA: entry.mfaSerial != nil)
        }.run()
    }

    /// - Parameter keys: who asks AWS for an entry.
    init(
        _ request: RotationRequest, in vault: any VaultAccess, acceptsRollback: Bool,
        keys: @escaping (Entry) -> any UserKeys
    ) {
        self.request = request
        self.vault = vault
        self.keys = keys
        self.acceptsRollback = acceptsRollback
    }

    func run() throws {
        let entries = try vault.entries()
        let chosen = try chosen(entries)
        if chosen.isEmpty, request.goal == .resume || request.goal == .rollBack {
            conversation.note("no rotation is under way")
        }
        var first: (any Error)?
        for entry in chosen {
            do {
                try RotationDriver(
                    request, of: entry, among: entries, in: vault, keys: keys(entry),
                    acceptsRollback: acceptsRollback
                ).run()
            } catch {
                guard request.name == nil else { throw error }
                // One that cannot be rotated keeps none of the others from it.
                first = first ?? error
                let failure = Failure.of(error) ?? Failure(.inputOutput, "it failed")
                conversation.warn("\(entry.name): \(failure.message)")
                if let hint = failure.hint { conversation.hint(hint) }
            }
        }
        if let first { throw first }
    }

    private func chosen(_ entries: EntryList) throws -> [Entry] {
        var chosen = entries.sorted.filter { !$0.hasSessionToken }
        if let name = request.name {
            guard let entry = entries[name] else {
                if entries.role(name) != nil {
                    throw Failure(.usage, "'\(name)' is a role, which has no key of its own")
                }
                throw VaultError(.noSuchEntry(name), path: vault.location.path)
            }
            guard !entry.hasSessionToken else {
                throw Failure(.usage, "'\(name)' holds temporary credentials, which end by themselves")
            }
            chosen = [entry]
        } else if request.goal == .resume || request.goal == .rollBack {
            chosen = chosen.filter { $0.rotation != nil }
        }
        guard let age = request.olderThan else { return chosen }
        let old = chosen.filter { conversation.now - made($0) > Int64(age) }
        if old.isEmpty { conversation.note("no key is that old") }
        return old
    }

    /// When AWS made a key. A file that it came from may not have told: its age is not that of its sealing.
    private func made(_ entry: Entry) -> Int64 {
        if let time = entry.createdAt { return time }
        do {
            let own = try keys(entry).list().first { $0.id == entry.accessKeyID }
            return own?.createdAt ?? entry.sealedAt
        } catch {
            let failure = Failure.of(error) ?? Failure(.inputOutput, "it failed")
            conversation.warn(
                "\(entry.name): the age of its key is not known, and counted from when it was sealed: \(failure.message)"
            )
            return entry.sealedAt
        }
    }
}
