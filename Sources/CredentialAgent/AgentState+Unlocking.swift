import AgentProtocol
import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory

/// What is told of the agent, and how the vault comes to be unlocked.
extension AgentState {
    func status(
        _ reader: inout FrameReader, _ now: Moment, _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard reader.isAtEnd else { return .malformed }
        let start = try answer.beginFrame(AgentMessage.Answer.status)
        try answer.appendField(UInt32(bitPattern: processID))
        try answer.appendField(location.path)
        try answer.appendField(UInt8(isLocked ? 1 : 0))
        try answer.appendField(unlocked?.vault.generation ?? 0)
        for time in [unlocked?.locksAt, unlocked?.idleLocksAt] {
            try answer.appendField(UInt64(time.map { max($0 - now.boot, 0) + now.unix } ?? 0))
        }
        try answer.appendField(UInt32(unlocked?.vault.entryCount ?? 0))
        var protections = protections
        if !isLocked {
            let state = allowsUnlockedMemory ? "not required, by --allow-unlocked-memory" : "required"
            protections.append(("locked_memory", state))
        }
        try answer.appendField(protections.map { "\($0.name)=\($0.state)" }.joined(separator: "\n"))
        try answer.endFrame(start)
        return .answered
    }

    func unlock(
        _ reader: inout FrameReader, _ now: Moment, _ answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let path = reader.nextText(limit: 4096), let key = reader.next(), key.byteCount == 32,
            let idle = reader.next(UInt32.self), let total = reader.next(UInt32.self),
            let flags = reader.next(UInt32.self), reader.isAtEnd
        else { return .malformed }
        try requireServed(path)
        guard Self.limits.contains(idle), Self.limits.contains(total) else {
            throw Failure(
                .usage, "the vault can stay unlocked for 1 second to 7 days",
                hint: "give --for and --idle such times")
        }
        do {
            let vault = try open(key, allowsUnlocked: flags & AgentMessage.allowsUnlockedMemory != 0)
            let made = UnlockedVault(vault, idle: idle, total: total, now: now.boot)
            // Whoever only extends the time takes nothing away from those who are fetching a session.
            if let unlocked { made.takeSessions(of: unlocked) }
            unlocked = made
        } catch {
            let failure = Failure.of(error)
            if failure.code == .memory, flags & AgentMessage.allowsUnlockedMemory == 0 {
                throw notLockable
            }
            throw isReplaced ? Self.replaced : failure
        }
        try answer.appendDone()
        return .answered
    }

    private var notLockable: Failure {
        Failure(
            .memory,
            "the agent cannot keep the vault key in locked memory"
                + (lockableLimit.map { ": the limit is \($0 >> 10) KiB" } ?? ""),
            hint:
                "raise it with 'ulimit -l' after 'sealring lock --stop', or unlock with --allow-unlocked-memory"
        )
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
