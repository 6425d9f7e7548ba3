import AgentProtocol
import CredentialAgent
import CredentialVault
import ProgramSupport
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Somebody who answers the agent's requests: the agent, or its state in this process.
protocol AgentTransport: AnyObject {
    /// Sends the request that the buffer holds, and puts the answer in its place.
    func exchange(_ frame: inout SecretBuffer) throws
}

extension AgentClient: AgentTransport {}

/// The agent's state in this process, for a vault that was opened with the passphrase here.
final class LocalAgent: AgentTransport {
    private let state: AgentState
    private var changes: PendingChanges?

    /// - Parameter path: the vault's absolute path.
    init(_ location: VaultLocation, _ path: String, key: borrowing SecretBytes) throws {
        state = AgentState(
            VaultLocation(path: path, stateDirectory: try Paths.absolute(location.stateDirectory)),
            processID: getpid(), protections: [], sessionName: SessionName.ofThisUser())
        var frame = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit)
        let start = try frame.beginFrame(AgentMessage.Request.unlock)
        try frame.appendField(path)
        try frame.appendField(key)
        for number in [3600, 3600, 0] as [UInt32] { try frame.appendField(number) }
        try frame.endFrame(start)
        try exchange(&frame)
        let isDone = unsafe frame.withUnsafeBytes {
            unsafe FrameReader($0)?.kind == AgentMessage.Answer.done.rawValue
        }
        guard isDone else { throw AgentError.malformed }
    }

    func exchange(_ frame: inout SecretBuffer) throws {
        var answer = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit + 4)
        let outcome = try unsafe frame.withUnsafeBytes { bytes in
            try unsafe state.handle(
                bytes, changes: &changes, mayBegin: true, caller: Caller(connection: 0), now: .current(),
                answer: &answer)
        }
        // One caller alone never waits for another one.
        guard case .answered = outcome else { throw AgentError.malformed }
        frame = answer
    }
}
