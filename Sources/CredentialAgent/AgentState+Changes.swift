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
        _ request: BeginRequest, _ changes: inout PendingChanges?, mayBegin: () -> Bool, _ now: Moment
    ) throws {
        changes = nil
        let unlocked = try served(request.path, now, isReviewed: true)
        guard mayBegin() else {
            throw AgentReason.otherCommandsChange
        }
        guard request.headerMAC == unlocked.vault.headerMAC else { throw AgentReason.changedMeanwhile }
        do {
            changes = try PendingChanges(
                headerMAC: request.headerMAC, acceptsRollback: request.acceptsRollback, lockCount: lockCount)
        } catch { throw Failure.of(error) }
    }

    /// - Returns: false when it is no change.
    func change(_ request: ChangeRequest, _ changes: PendingChanges?) throws -> Bool {
        guard let kind = VaultChanges.Kind(rawValue: request.change) else { return false }
        guard !isLocked else { throw AgentReason.locked }
        guard let changes else { return false }
        guard changes.lockCount == lockCount else { throw AgentReason.lockedMeanwhile }
        let entry = request.entry
        let role = kind.isOfRole ? Role(encoded: entry) : nil
        let decoded = kind.isOfRole || entry.isEmpty ? nil : Entry(encoded: entry)
        guard entry.isEmpty || decoded != nil || role != nil else { return false }
        do {
            try changes.count(request.name.utf8.count + entry.byteCount)
            // Memory that need not be locked is not bounded by what can be locked.
            let limit = allowsUnlockedMemory ? 8 << 20 : changesLockedLimit
            let more = 2 * (request.secretAccessKey.byteCount + request.sessionToken.byteCount)
            guard changes.changes.lockedCount + more <= limit else {
                throw AgentReason.changesNotLockable
            }
            try changes.changes.append(
                kind, name: request.name, entry: decoded, role: role,
                secretAccessKey: request.secretAccessKey, sessionToken: request.sessionToken)
        } catch { throw Failure.of(error) }
        return true
    }

    func commit(
        _ changes: inout PendingChanges?, _ now: Moment, _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard !isLocked else { throw AgentReason.locked }
        guard let pending = changes.take() else { return .malformed }
        guard pending.lockCount == lockCount else { throw AgentReason.lockedMeanwhile }
        let unlocked = try served(location.path, now)
        guard pending.headerMAC == unlocked.vault.headerMAC else { throw AgentReason.changedMeanwhile }
        do {
            let image = try unlocked.vault.image(
                applying: pending.changes, acceptingRollback: pending.acceptsRollback)
            try ImageAnswer(
                size: UInt32(image.bytes.count), keyID: image.keyID, removesPrevious: image.removesPrevious
            ).write(to: &answer)
            return .image(image.bytes)
        } catch { throw Failure.of(error) }
    }

}
