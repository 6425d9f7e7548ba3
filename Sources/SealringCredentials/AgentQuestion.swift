import AgentProtocol
import Platform
import SecureMemory

/// One question to the agent, on a thread that may wait.
struct AgentQuestion: Sendable {
    private let entry: String
    private let vault: String?
    private let directory: String?

    init(_ options: AgentCredentials) {
        entry = options.entry
        vault = options.vault.map(ProgramDirectory.absolute)
        directory = options.programDirectory ?? ProgramDirectory.inPath("sealring-aws")
    }

    func ask() throws(AgentCredentialsError) -> AWSCredentials {
        let end = MonotonicClock.milliseconds() + Int64(Timeouts.credentials)
        var buffer = try Self.mapping { () throws(AgentError) in try request() }
        let connection = try Self.mapping { () throws(AgentError) in try AgentConnection.find(for: buffer) }
        try Self.exchange(connection, &buffer)
        while let lease = CarriedLease(buffer.bytes) {
            do throws(ExchangeError) {
                guard let directory else { throw .notStarted(.missing) }
                let path = directory.utf8
                try lease.carry(
                    &buffer, until: end, watchingOutput: false, from: unsafe path.span.bytes)
            } catch { throw AgentCredentialsError(error) }
            try Self.exchange(connection, &buffer)
        }
        if let credentials = try credentials(buffer.bytes) { return credentials }
        guard let refusal = refusal(buffer.bytes) else { throw AgentCredentialsError(AgentError.malformed) }
        // AWS's own refusals have the same code, and no passphrase helps there.
        let isLocked =
            refusal.code == Refusal.notPermitted && connection.isLocked(&buffer, watchingOutput: false)
        throw AgentCredentialsError(refusal, isLocked: isLocked)
    }

    private func request() throws(AgentError) -> SecretBuffer {
        var buffer = try AgentMessage.buffer()
        if let vault {
            try CredentialsRequest(path: vault, name: entry, code: RawSpan()).write(to: &buffer)
        } else {
            let name = entry.utf8
            try CredentialsRequest.write(name: unsafe name.span.bytes, to: &buffer)
        }
        return buffer
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

    /// Nil when the answer holds none.
    private func credentials(_ answer: RawSpan) throws(AgentCredentialsError) -> AWSCredentials? {
        guard var frame = FrameReader(answer), frame.kind == AgentMessage.Answer.json.rawValue,
            let line = frame.next(), frame.isAtEnd
        else { return nil }
        do throws(SecureMemoryError) {
            return try CredentialLine.credentials(line)
        } catch { throw AgentCredentialsError(AgentError.memory(error)) }
    }

    /// Nil when the answer is none.
    private func refusal(_ answer: RawSpan) -> Refusal? {
        guard var frame = FrameReader(answer) else { return nil }
        let name = entry.utf8
        switch frame.kind {
        case CodeNeededAnswer.kind: return Refusal.codeNeeded(unsafe name.span.bytes)
        case AgentMessage.Answer.error.rawValue: return Refusal(answer: &frame)
        default: return nil
        }
    }
}
