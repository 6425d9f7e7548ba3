package import AgentProtocol
import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory

/// What is told of the agent, and how the vault comes to be unlocked.
extension AgentState {
    func status(_ now: Moment) -> StatusAnswer {
        let ends = [unlocked?.locksAt, unlocked?.idleLocksAt].map { time in
            UInt64(time.map { max($0 - now.boot, 0) + now.unix } ?? 0)
        }
        // Programs of earlier versions show it as one more protection.
        var protections = [(name: StatusAnswer.versionName, state: "\(ProgramVersion.text)")] + protections
        if !isLocked {
            let state = allowsUnlockedMemory ? "not required, by --allow-unlocked-memory" : "required"
            protections.append(("locked_memory", state))
        }
        return StatusAnswer(
            processID: UInt32(bitPattern: processID), vault: location.path, isLocked: isLocked,
            generation: unlocked?.vault.generation ?? 0, locksAt: ends[0], idleLocksAt: ends[1],
            entries: UInt32(unlocked?.vault.entryCount ?? 0),
            protections: protections.map { "\($0.name)=\($0.state)" }.joined(separator: "\n"))
    }

    package func unlock(_ request: UnlockRequest, _ now: Moment) throws {
        try requireServed(request.path)
        guard Self.limits.contains(request.idle), Self.limits.contains(request.total) else {
            throw AgentReason.lockTimes
        }
        do {
            let vault = try open(request.key, allowsUnlocked: request.allowsUnlockedMemory)
            let made = UnlockedVault(vault, idle: request.idle, total: request.total, now: now.boot)
            // Whoever only extends the time takes nothing away from those who are fetching a session.
            if let unlocked { made.takeSessions(of: unlocked) }
            unlocked = made
        } catch {
            let failure = Failure.of(error)
            if failure.code == .memory, !request.allowsUnlockedMemory {
                throw notLockable
            }
            throw isReplaced ? AgentReason.directoryReplaced as any Error : failure
        }
    }

    private var notLockable: AgentReason {
        AgentReason.keyNotLockable(limit: lockableLimit)
    }

    /// Seconds that a vault may stay unlocked, whatever the client says.
    private static let limits: ClosedRange<UInt32> = 1...604_800

    /// Opens the vault. Only a key that opens it can have memory taken that the system does not lock.
    private func open(_ key: RawSpan, allowsUnlocked: Bool) throws -> KeyedVault {
        let before = allowsUnlockedMemory
        do {
            // What is said now counts from now on, and first for the memory that the opening takes.
            allowsUnlockedMemory = allowsUnlocked
            return try KeyedVault(location, vaultKey: SecretBytes(copying: key))
        } catch {
            allowsUnlockedMemory = before
            throw error
        }
    }
}
