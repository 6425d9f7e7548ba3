import AgentProtocol
import Platform
import SecureMemory

/// One question to the agent, on a thread that may wait.
struct AgentQuestion: Sendable {
    private let options: AgentCredentials
    /// When it gives up, in milliseconds of `MonotonicClock`.
    private let end: Int64

    private var environment: EnvironmentSource {
        @_lifetime(borrow self)
        get { options.environment.source }
    }

    init(_ options: AgentCredentials, until end: Int64) {
        self.options = options
        self.end = end
    }

    func ask() throws(AgentCredentialsError) -> AWSCredentials {
        var buffer = try mapping { () throws(AgentError) in try request() }
        let connection = try mapping { () throws(AgentError) in
            try AgentConnection.find(for: buffer, in: environment, until: end)
        }
        try exchange(connection, &buffer)
        let directory = options.programDirectory ?? ProgramDirectory.inPath("sealring-aws", of: environment)
        while let lease = CarriedLease(buffer.bytes) {
            do throws(ExchangeError) {
                guard let directory else { throw .notStarted(.missing) }
                let path = directory.utf8
                try lease.carry(
                    &buffer, until: end, watchingOutput: false, from: unsafe path.span.bytes,
                    in: environment)
            } catch { throw AgentCredentialsError(error) }
            try exchange(connection, &buffer)
        }
        if let credentials = try credentials(buffer.bytes) { return credentials }
        guard let refusal = refusal(buffer.bytes) else {
            throw AgentCredentialsError(AgentError.malformed, in: environment)
        }
        // AWS's own refusals have the same code, and no passphrase helps there.
        let isLocked =
            refusal.code == Refusal.notPermitted
            && connection.isLocked(&buffer, watchingOutput: false, in: environment)
        throw AgentCredentialsError(refusal, isLocked: isLocked)
    }

    private func request() throws(AgentError) -> SecretBuffer {
        var buffer = try AgentMessage.buffer()
        let name = options.entry.utf8
        try CredentialsRequest.write(
            name: unsafe name.span.bytes, in: environment, to: &buffer)
        return buffer
    }

    private func mapping<Result: ~Copyable>(
        _ body: () throws(AgentError) -> Result
    ) throws(AgentCredentialsError) -> Result {
        do throws(AgentError) { return try body() } catch {
            throw AgentCredentialsError(error, in: environment)
        }
    }

    private func exchange(
        _ connection: borrowing AgentConnection, _ buffer: inout SecretBuffer
    ) throws(AgentCredentialsError) {
        do throws(AgentError) {
            try connection.send(buffer)
            try connection.receive(into: &buffer)
        } catch { throw AgentCredentialsError(error, in: environment) }
    }

    /// Nil when the answer holds none.
    private func credentials(_ answer: RawSpan) throws(AgentCredentialsError) -> AWSCredentials? {
        guard var frame = FrameReader(answer), frame.kind == AgentMessage.Answer.json.rawValue,
            let line = frame.next(), frame.isAtEnd
        else { return nil }
        do throws(SecureMemoryError) {
            return try CredentialLine.credentials(line)
        } catch { throw AgentCredentialsError(AgentError.memory(error), in: environment) }
    }

    /// Nil when the answer is none.
    private func refusal(_ answer: RawSpan) -> Refusal? {
        guard var frame = FrameReader(answer) else { return nil }
        let name = options.entry.utf8
        switch frame.kind {
        case CodeNeededAnswer.kind: return Refusal.codeNeeded(unsafe name.span.bytes)
        case AgentMessage.Answer.error.rawValue: return Refusal(answer: &frame)
        default: return nil
        }
    }
}
