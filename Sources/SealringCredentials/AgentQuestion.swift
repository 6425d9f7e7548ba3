import AgentProtocol
import Platform
import SecureMemory

/// One question to the agent, on a thread that may wait.
struct AgentQuestion: Sendable {
    private let entry: String
    private let vault: String?
    private let directory: String?

    /// Milliseconds for everything, as long as AWS clients wait.
    private static let timeout: Int64 = 20_000

    init(_ options: AgentCredentials) {
        entry = options.entry
        vault = options.vault.map(ProgramDirectory.absolute)
        directory = options.programDirectory ?? ProgramDirectory.inPath("sealring-aws")
    }

    func ask() throws(AgentCredentialsError) -> AWSCredentials {
        let end = MonotonicClock.milliseconds() + Self.timeout
        var buffer = try Self.mapping { () throws(AgentError) in try request() }
        let connection = try Self.mapping { () throws(AgentError) in try Self.connect(for: buffer) }
        try Self.exchange(connection, &buffer)
        while let lease = AgentLease(buffer.bytes) {
            do throws(ExchangeError) {
                try lease.carry(&buffer, from: directory, until: end)
            } catch { throw AgentCredentialsError(error) }
            try Self.exchange(connection, &buffer)
        }
        return try credentials(buffer.bytes)
    }

    private func request() throws(AgentError) -> SecretBuffer {
        var buffer = try AgentMessage.buffer()
        let start = try buffer.beginFrame(AgentMessage.Request.credentials)
        if let vault { try buffer.appendField(vault) } else { try buffer.appendVaultPathField() }
        try buffer.appendField(entry)
        try buffer.appendField(RawSpan())
        try buffer.endFrame(start)
        return buffer
    }

    /// Connects where the environment says, or else to the agent that registered for the request's vault.
    private static func connect(for request: borrowing SecretBuffer) throws(AgentError) -> AgentConnection {
        do throws(AgentError) {
            return try AgentConnection(AgentAddress())
        } catch {
            // A socket that was named is the one that is meant.
            guard error == .absent, EnvironmentBytes("SEALRING_AGENT_SOCKET") == nil else { throw error }
        }
        guard var frame = FrameReader(request.bytes), let path = frame.next(),
            let address = registration(of: path)?.address
        else { throw .absent }
        return try AgentConnection(address)
    }

    private static func registration(of vault: RawSpan) -> AgentRegistration? {
        do throws(AgentRegistration.Obstacle) {
            if let beside = try AgentRegistration(vault: vault) { return beside }
        } catch {
            // What cannot be looked at may be found in the state directory.
        }
        return AgentRegistration.inState(forVault: vault)
    }

    private static func mapping<Result: ~Copyable>(
        _ body: () throws(AgentError) -> Result
    ) throws(AgentCredentialsError) -> Result {
        do throws(AgentError) { return try body() } catch { throw AgentCredentialsError(error) }
    }

    private static func exchange(
        _ connection: borrowing AgentConnection, _ buffer: inout SecretBuffer
    ) throws(AgentCredentialsError) {
        do throws(AgentError) {
            try connection.send(buffer)
            try connection.receive(into: &buffer)
        } catch { throw AgentCredentialsError(error) }
    }

    private func credentials(_ answer: RawSpan) throws(AgentCredentialsError) -> AWSCredentials {
        guard var frame = FrameReader(answer) else { throw AgentCredentialsError(AgentError.malformed) }
        switch frame.kind {
        case AgentMessage.Answer.json.rawValue:
            do throws(SecureMemoryError) {
                if let line = frame.next(), frame.isAtEnd,
                    let credentials = try CredentialLine.credentials(line)
                {
                    return credentials
                }
            } catch { throw AgentCredentialsError(AgentError.memory(error)) }
        case AgentMessage.Answer.codeNeeded.rawValue: throw .codeNeeded(entry)
        case AgentMessage.Answer.error.rawValue:
            if let refusal = AgentCredentialsError(answer: &frame) { throw refusal }
        default: break
        }
        throw AgentCredentialsError(AgentError.malformed)
    }
}
