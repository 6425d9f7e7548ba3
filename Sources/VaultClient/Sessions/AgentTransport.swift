import AgentProtocol
import CredentialAgent
package import CredentialVault
import DurableFiles
import Platform
package import ProgramSupport
package import SecureMemory

/// Somebody who answers the agent's requests: the agent, or its state in this process.
package protocol AgentTransport: AnyObject {
    /// Sends the request that the buffer holds, and puts the answer in its place.
    func exchange(_ frame: inout SecretBuffer) throws
    /// Why the last request was refused, from its answer.
    func refusal(_ answer: borrowing SecretBuffer) throws -> Failure
    /// Gives up the lease that the last answer was, which this process cannot fetch.
    func release()
}

extension AgentClient: AgentTransport {
    /// It ends by itself within seconds, and with this process.
    package func release() {}
}

/// The agent's state in this process, for a vault that was opened with the passphrase here.
package final class LocalAgent: AgentTransport {
    private let state: AgentState
    private let stateDirectory: String
    private var changes: PendingChanges?
    /// Held while this process asks AWS for a session, so that others of the user wait for it.
    private var turn: Turn?

    /// Longer than any command takes.
    private static let seconds: UInt32 = 3600

    /// - Parameter path: the vault's absolute path.
    package init(_ location: VaultLocation, _ path: String, key: borrowing SecretBytes) throws {
        stateDirectory = try Paths.absolute(location.stateDirectory)
        state = AgentState(
            VaultLocation(path: path, stateDirectory: stateDirectory),
            processID: getpid(), protections: [], sessionName: SessionName.ofThisUser())
        try state.unlock(
            UnlockRequest(
                path: path, key: key.bytes, idle: Self.seconds, total: Self.seconds,
                allowsUnlockedMemory: false),
            .current())
    }

    package func exchange(_ frame: inout SecretBuffer) throws {
        if let answer = try answer(frame) { return frame = answer }
        // AWS has to be asked: whoever is at it already may bring what is wanted here.
        turn = try Turn(of: state.vaultID ?? [], in: stateDirectory)
        try state.reloadSessions(.current())
        guard let answer = try answer(frame) else { throw AgentError.malformed }
        frame = answer
    }

    package func refusal(_ answer: borrowing SecretBuffer) throws -> Failure {
        let worded = try Failure(answer: answer)
        return state.reason(connection: 0).map { Failure($0) } ?? worded
    }

    package func release() {
        _ = state.disconnected(0)
        turn = nil
    }

    /// - Returns: nil when it is this process's turn only later.
    private func answer(_ frame: borrowing SecretBuffer) throws -> SecretBuffer? {
        var answer = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit + 4)
        var caller = Caller(connection: 0)
        caller.mayFetch = turn != nil
        let outcome = try state.handle(
            frame.bytes, changes: &changes, mayBegin: { true }, caller: caller, now: .current(),
            answer: &answer)
        switch outcome {
        case .answered: break
        case .parked where turn == nil: return nil
        // One caller alone never waits for another one.
        default: throw AgentError.malformed
        }
        let kind = FrameReader(answer.bytes)?.kind
        // Nobody waits until a person has found the device.
        if kind != AgentMessage.Answer.lease.rawValue { turn = nil }
        return answer
    }
}

/// The turn of this process among those that get sessions without an agent.
private final class Turn {
    private let lock: FileLock?

    /// How long it is waited for, in seconds: as long as for another client of the agent.
    private static let timeout = Timeouts.seconds(Timeouts.waiting)

    init(of vaultID: [UInt8], in stateDirectory: String) throws {
        let folder = stateDirectory + "/sessions"
        do {
            try Directory.make(folder)
            let name = vaultID.map { String($0, radix: 16) }.joined(separator: "-")
            lock = try FileLock(".\(name).fetch", in: Directory(folder), seconds: Self.timeout)
        } catch {
            if case .busy = error {
                throw Failure(
                    .busy, "another program has been asking AWS for too long", hint: "try again")
            }
            // Where nothing can be written, nobody else's session is found either.
            lock = nil
        }
    }
}
