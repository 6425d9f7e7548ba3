import AgentProtocol
import CredentialVault
import ProgramSupport
import SecureMemory

/// The changes of one command, between their begin and their commit.
package final class PendingChanges {
    let headerMAC: [UInt8]
    let acceptsRollback: Bool
    var changes: VaultChanges
    /// The bytes of all entries and names so far.
    private(set) var size = 0
    /// Which unlocked time they belong to: no lock may be survived.
    let lockCount: Int

    init(headerMAC: [UInt8], acceptsRollback: Bool, lockCount: Int) throws(SecureMemoryError) {
        self.headerMAC = headerMAC
        self.acceptsRollback = acceptsRollback
        self.lockCount = lockCount
        changes = try VaultChanges()
    }

    /// Counts what is about to be kept: no vault could take more than a vault holds.
    func count(_ bytes: Int) throws(VaultError) {
        size += bytes
        guard size <= Self.limit else { throw VaultError(.full, path: "") }
    }

    private static let limit = 4 << 20
}

extension AgentState {
    func begin(
        _ reader: inout FrameReader, _ changes: inout PendingChanges?, _ mayBegin: () -> Bool, _ now: Moment,
        _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let path = reader.nextText(limit: 4096), let mac = reader.next(), mac.byteCount == 32,
            let flags = reader.next(UInt32.self), reader.isAtEnd
        else { return .malformed }
        changes = nil
        let unlocked = try served(path, now, isReviewed: true)
        guard mayBegin() else {
            throw Failure(.busy, "other commands are changing the vault", hint: "try again in a moment")
        }
        let headerMAC = [UInt8](mac)
        guard headerMAC == unlocked.vault.headerMAC else { throw Self.changedMeanwhile }
        do {
            changes = try PendingChanges(
                headerMAC: headerMAC, acceptsRollback: flags & AgentMessage.acceptsRollback != 0,
                lockCount: lockCount)
        } catch { throw Failure.of(error) }
        try answer.appendDone()
        return .answered
    }

    func change(
        _ reader: inout FrameReader, _ changes: PendingChanges?, _ now: Moment, _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let kind = reader.next(UInt8.self), let kind = VaultChanges.Kind(rawValue: kind),
            let name = reader.nextText(limit: 1024), let entry = reader.next(),
            let key = reader.next(), let token = reader.next(), reader.isAtEnd
        else { return .malformed }
        guard !isLocked else { throw Self.locked }
        guard let changes else { return .malformed }
        guard changes.lockCount == lockCount else { throw Self.lockedMeanwhile }
        let role = kind.isOfRole ? Role(encoded: entry) : nil
        let decoded = kind.isOfRole || entry.isEmpty ? nil : Entry(encoded: entry)
        guard entry.isEmpty || decoded != nil || role != nil else { return .malformed }
        do {
            try changes.count(name.utf8.count + entry.byteCount)
            // Memory that need not be locked is not bounded by what can be locked.
            let limit = allowsUnlockedMemory ? 8 << 20 : changesLockedLimit
            guard changes.changes.lockedCount + 2 * (key.byteCount + token.byteCount) <= limit else {
                throw Failure(
                    .memory, "these changes need more locked memory than the agent may have",
                    hint: "raise the limit with 'ulimit -l', or make them with --no-agent")
            }
            try changes.changes.append(
                kind, name: name, entry: decoded, role: role, secretAccessKey: key, sessionToken: token)
        } catch { throw Failure.of(error) }
        try answer.appendDone()
        return .answered
    }

    func commit(
        _ reader: inout FrameReader, _ changes: inout PendingChanges?, _ now: Moment,
        _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard reader.isAtEnd else { return .malformed }
        guard !isLocked else { throw Self.locked }
        guard let pending = changes.take() else { return .malformed }
        guard pending.lockCount == lockCount else { throw Self.lockedMeanwhile }
        let unlocked = try served(location.path, now)
        guard pending.headerMAC == unlocked.vault.headerMAC else { throw Self.changedMeanwhile }
        do {
            let image = try unlocked.vault.image(
                applying: pending.changes, acceptingRollback: pending.acceptsRollback)
            let start = try answer.beginFrame(.image)
            try answer.appendField(UInt32(image.bytes.count))
            try answer.appendField(image.keyID)
            try answer.appendField(UInt8(image.removesPrevious ? 1 : 0))
            try answer.endFrame(start)
            return .image(image.bytes)
        } catch { throw Failure.of(error) }
    }

    private static let lockedMeanwhile = Failure(
        .busy, "the vault was locked meanwhile: nothing was changed", hint: "try again")

    private static let changedMeanwhile = Failure(
        .busy, "the vault was changed meanwhile", hint: "try again")
}
