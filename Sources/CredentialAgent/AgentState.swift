package import AgentProtocol
package import CredentialVault
import DurableFiles
import Platform
import ProgramSupport
package import SecureMemory

/// What the agent knows, and what it answers: files and messages in, frames out. No sockets, no clock.
package final class AgentState {
    /// A moment, by the two clocks that matter.
    package struct Moment: Equatable, Sendable {
        /// Seconds of `CLOCK_BOOTTIME`, which goes on in suspend and which nobody sets.
        package var boot: Int64
        /// Unix seconds, for what people read and for what AWS says.
        package var unix: Int64

        package init(boot: Int64, unix: Int64) {
            self.boot = boot
            self.unix = unix
        }
    }

    /// What becomes of a connection after a request.
    package enum Outcome {
        /// The answer lies in the buffer.
        case answered
        /// The answer is the head in the buffer and these bytes, in parts. No secret.
        case image([UInt8])
        /// It was no request; the connection ends without an answer.
        case malformed
        /// The answer lies in the buffer, and the agent ends.
        case stop
        /// The request is to be handled again when something has changed, and after a second.
        case parked(Waiting)

        fileprivate var isFinal: Bool {
            switch self {
            case .answered, .image: true
            case .malformed, .stop, .parked: false
            }
        }
    }

    /// The vault that is served.
    package let location: VaultLocation
    let protections: [(name: String, state: String)]
    let processID: Int32
    /// What sessions of roles are called that have no name for theirs.
    let sessionName: String
    /// What tells the vault's directory from another one in its place, which the sandbox would not open.
    private let folderIdentity: [UInt64]?
    var unlocked: UnlockedVault?
    /// Why the last request of each connection was refused, for those of the list.
    private var reasons: [Int: AgentReason] = [:]
    /// Codes stay spent whatever becomes of the vault.
    var spentCodes: SpentCodes

    /// - Parameters:
    ///   - location: the vault, by an absolute path.
    ///   - protections: what is in force, as it is told by the status.
    ///   - applyUnlockedMemory: sets for this process whether secrets may be in memory that is not locked.
    package init(
        _ location: VaultLocation, processID: Int32, protections: [(name: String, state: String)],
        sessionName: String = "sealring",
        applyUnlockedMemory: @escaping (Bool) -> Void = { unsafe SecretPages.allowsUnlocked = $0 }
    ) {
        self.applyUnlockedMemory = applyUnlockedMemory
        self.location = location
        self.processID = processID
        self.protections = protections
        self.sessionName = sessionName
        folderIdentity = FileStatus.of(location.folder)?.identity
        spentCodes = SpentCodes(location.stateDirectory)
    }

    package var isLocked: Bool { unlocked == nil }

    /// What names the vault over all its states; nil while it is locked.
    package var vaultID: [UInt8]? { unlocked?.vault.vaultID }

    /// The most bytes of locked memory that the changes of one command may take.
    package var changesLockedLimit = 8 << 20
    /// What the system lets this process lock, in bytes; nil for no limit.
    package var lockableLimit: Int?

    /// How often the vault was locked: what began before the last time is of no more use.
    package private(set) var lockCount = 0

    /// Whether memory is taken that the system does not lock: said with the key that opened the vault, and until
    /// the next lock.
    var allowsUnlockedMemory = false {
        didSet { applyUnlockedMemory(allowsUnlockedMemory) }
    }
    private let applyUnlockedMemory: (Bool) -> Void

    /// Wipes the vault key, and all that was unlocked with it.
    package func lock() {
        unlocked = nil
        lockCount += 1
        allowsUnlockedMemory = false
        reasons = [:]
    }

    /// When the vault locks by itself, by the clock of ``Moment/boot``; nil while it is locked.
    package var deadline: Int64? { unlocked?.deadline }

    /// Locks when the time has come.
    package func lockIfDue(_ now: Moment) {
        if let deadline, now.boot >= deadline { lock() }
    }

    /// Handles one whole frame and appends the answer to `answer`, which is empty.
    ///
    /// - Parameters:
    ///   - changes: what this connection has begun to change.
    ///   - mayBegin: asked when changes are begun: whether they may be kept beside those of others.
    ///   - caller: who asks.
    package func handle(
        _ frame: RawSpan, changes: inout PendingChanges?, mayBegin: () -> Bool,
        caller: Caller = Caller(connection: 0), now: Moment, answer: inout SecretBuffer
    ) throws -> Outcome {
        guard let request = AgentRequest(frame) else { return .malformed }
        lockIfDue(now)
        do {
            let outcome = try perform(request, &changes, mayBegin: mayBegin, caller, at: now, into: &answer)
            if !request.isWhy { reasons[caller.connection] = nil }
            if request.isUse, outcome.isFinal, answer.isFinalAnswer { unlocked?.lastUse = now.boot }
            return outcome
        } catch {
            let failure = Failure.of(error)
            answer.truncate(to: 0)
            try answer.appendError(failure)
            reasons[caller.connection] = failure.reason
            guard failure.reason == .directoryReplaced else { return .answered }
            lock()
            return .stop
        }
    }

    private func perform(
        _ request: AgentRequest, _ changes: inout PendingChanges?, mayBegin: () -> Bool, _ caller: Caller,
        at now: Moment, into answer: inout SecretBuffer
    ) throws -> Outcome {
        switch request {
        case .why: try ReasonAnswer(reasons[caller.connection]).write(to: &answer)
        case .status: try status(now).write(to: &answer)
        case .unlock(let request):
            try unlock(request, now)
            try answer.appendDone()
        case .lock, .stop:
            lock()
            try answer.appendDone()
            if case .stop = request { return .stop }
        case .credentials(let request): return try credentials(request, caller, at: now, into: &answer)
        case .deliver(let request): return try deliver(request, caller, at: now, into: &answer)
        case .call(let request): return try call(request, caller, at: now, into: &answer)
        case .clear(let request): try clear(request, now).write(to: &answer)
        case .compare(let request): try compare(request, now).write(to: &answer)
        case .list(let request): try list(request, now, &answer)
        case .counts: try counts(now).write(to: &answer)
        case .describe(let request): try describe(request, now, &answer)
        case .begin(let request):
            try begin(request, &changes, mayBegin: mayBegin, now)
            try answer.appendDone()
        case .change(let request):
            guard try change(request, changes) else { return .malformed }
            try answer.appendDone()
        case .commit: return try commit(&changes, now, &answer)
        }
        return .answered
    }

    /// Gives up the leases of a connection that is gone.
    ///
    /// - Returns: whether it held any, so that those who wait have their turn.
    package func disconnected(_ connection: Int) -> Bool {
        reasons[connection] = nil
        return unlocked?.release(connection: connection) ?? false
    }

    /// Why the last request of a connection was refused; nil for what is none of the list.
    package func reason(connection: Int) -> AgentReason? { reasons[connection] }

    /// Whether a connection is asking AWS for what others wait for too.
    package func holdsLease(_ connection: Int, _ now: Moment) -> Bool {
        unlocked?.holdsLease(connection: connection, now.boot) ?? false
    }

    /// Whether a lease has ended since this was asked last, so that those who wait have their turn.
    package func takeChange() -> Bool { unlocked?.takeChange() ?? false }

    /// The vault, once the request was seen to name it, read again when the file has changed.
    ///
    /// - Throws: ``Failure``. Where the key is of no more use the vault is locked.
    ///
    /// - Parameter isReviewed: whether a person or a change depends on how fresh the file is.
    func served(_ path: String, _ now: Moment, isReviewed: Bool = false) throws -> UnlockedVault {
        try requireServed(path)
        guard let unlocked else { throw AgentReason.locked }
        do {
            try isReviewed ? unlocked.vault.refreshAndReview() : unlocked.vault.refresh()
        } catch {
            switch error.reason {
            case .otherVault, .revoked, .rekeyedMeanwhile:
                lock()
                let failure = Failure(error)
                throw Failure(.notPermitted, failure.message, hint: "run 'sealring unlock'")
            default: throw isReplaced ? AgentReason.directoryReplaced as any Error : Failure(error)
            }
        }
        return unlocked
    }

    /// Whether another directory stands where the vault's was.
    var isReplaced: Bool {
        guard let now = FileStatus.of(location.folder)?.identity else { return false }
        return now != folderIdentity
    }

    func requireServed(_ path: String) throws {
        guard path == location.path else {
            throw AgentReason.otherVault(location.path)
        }
    }

}

extension Failure {
    /// The failure behind an error of the agent's own modules.
    static func of(_ error: any Error) -> Failure {
        switch error {
        case let error as Failure: error
        case let error as AgentReason: Failure(error)
        case let error as VaultError: Failure(error)
        case let error as AgentError: Failure(error)
        case let error as SecureMemoryError: Failure(error)
        default: Failure(.inputOutput, "the agent failed")
        }
    }
}

extension SecretBuffer {
    /// Whether the answer is what was asked for, and not a step towards it that may still fail.
    fileprivate var isFinalAnswer: Bool {
        let kind = FrameReader(bytes)?.kind
        return kind != AgentMessage.Answer.lease.rawValue && kind != AgentMessage.Answer.codeNeeded.rawValue
    }

    mutating func appendDone() throws(AgentError) { try endFrame(beginFrame(.done)) }

    mutating func appendError(_ failure: Failure) throws(AgentError) {
        try ErrorAnswer(
            code: UInt32(bitPattern: failure.code.rawValue), message: failure.message.cut(to: 512),
            cure: (failure.hint ?? "").cut(to: 512)
        ).write(to: &self)
    }
}

extension String {
    /// The text, cut at a character so that it has at most `limit` bytes.
    fileprivate func cut(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        var text = ""
        for character in self {
            guard text.utf8.count + character.utf8.count <= limit - 3 else { break }
            text.append(character)
        }
        return text + "..."
    }
}
