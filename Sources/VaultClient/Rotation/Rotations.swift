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
        let (chosen, unknownAge) = try chosen(entries)
        if chosen.isEmpty, request.goal == .resume || request.goal == .rollBack {
            conversation.note("no rotation is under way")
        }
        var first: (any Error)? = unknownAge
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

    /// - Returns: the keys to rotate, and why not all of their ages could be told.
    private func chosen(_ entries: EntryList) throws -> ([Entry], Failure?) {
        var chosen = entries.sorted.filter { !$0.hasSessionToken }
        if let name = request.name {
            guard let entry = entries[name] else {
                if entries.role(name) != nil {
                    throw Failure(.usage, "'\(name)' is a role, which has no key of its own")
                }
                throw VaultError(.noSuchEntry(name), path: vault.location.path)
            }
            guard !entry.hasSessionToken else {
                throw Failure(
                    .usage, "'\(name)' holds temporary credentials, which expire and cannot be rotated")
            }
            chosen = [entry]
        } else if request.goal == .resume || request.goal == .rollBack {
            chosen = chosen.filter { $0.rotation != nil }
        }
        guard let limit = request.olderThan else { return (chosen, nil) }
        var old: [Entry] = []
        var unknown: [(name: String, failure: Failure)] = []
        for entry in chosen {
            do {
                if try isOlder(entry, than: Int64(limit)) { old.append(entry) }
            } catch {
                unknown.append((entry.name, Failure.of(error) ?? Failure(.inputOutput, "it failed")))
            }
        }
        guard let first = unknown.first else {
            if old.isEmpty {
                conversation.note("no key is older than \(ShownDuration.text(Int64(limit)))")
            }
            return (old, nil)
        }
        let what =
            unknown.count == 1
            ? "the age of '\(first.name)' is unknown, so it was not rotated"
            : "the ages of \(unknown.count) keys are unknown, so they were not rotated (\(unknown.map(\.name).joined(separator: ", ")))"
        let reason = first.failure
        return (old, Failure(reason.code, "\(what): \(reason.message)", hint: reason.hint))
    }

    /// Whether AWS made a key so many seconds ago. A file that it came from may not have told when, and then AWS is
    /// asked, unless the key was sealed as long ago.
    private func isOlder(_ entry: Entry, than limit: Int64) throws -> Bool {
        func isPast(_ time: Int64) -> Bool { conversation.now - time > limit }
        if let time = entry.createdAt { return isPast(time) }
        if isPast(entry.sealedAt) { return true }
        guard let own = try keys(entry).list().first(where: { $0.id == entry.accessKeyID }) else {
            throw Failure(
                .missing, "AWS does not list \(entry.accessKeyID) among the keys of its user",
                hint: "see 'sealring verify \(entry.name)'")
        }
        return isPast(own.createdAt)
    }
}
