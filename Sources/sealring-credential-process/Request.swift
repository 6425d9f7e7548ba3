import AgentProtocol
import Platform
import SecureMemory

/// One question to the agent.
enum Request {
    /// Asks for an entry's credentials. When they come, they are written and the process ends.
    ///
    /// - Returns: why there are none; nil when nobody is left to tell.
    static func credentials(_ name: UnsafeRawBufferPointer) -> Refusal? {
        let refusal: Refusal?
        do throws(AgentError) {
            refusal = try unsafe ask(name)
        } catch {
            refusal = Refusal(error)
        }
        guard let refusal else { return nil }
        // There is nothing to unlock before there is a vault.
        if refusal.isLocked, let noVault = Refusal.noVault() { return noVault }
        return refusal
    }

    private static func ask(_ name: UnsafeRawBufferPointer) throws(AgentError) -> Refusal? {
        // Whatever it takes: a wait for others, a chain of roles, a clock that is wrong.
        let end = MonotonicClock.milliseconds() + patience
        var buffer = try secretBuffer()
        let start = try buffer.beginFrame(AgentMessage.Request.credentials)
        try buffer.appendVaultPathField()
        try unsafe buffer.appendField(name)
        try unsafe buffer.appendField(UnsafeRawBufferPointer(start: nil, count: 0))
        try buffer.endFrame(start)
        let connection = try connect(for: buffer)
        try connection.send(buffer)
        try connection.receive(into: &buffer, watchingOutput: true)
        while let lease = unsafe buffer.withUnsafeBytes({ unsafe Lease($0) }) {
            if let refusal = lease.fetch(&buffer, until: end) { return refusal }
            try connection.send(buffer)
            try connection.receive(into: &buffer, watchingOutput: true)
        }
        guard let result = unsafe buffer.withUnsafeBytes({ unsafe Result($0, for: name) }) else {
            throw .malformed
        }
        switch consume result {
        case .refused(let refusal): return refusal
        case .released(let code):
            buffer.truncate(to: 0)
            if code == 0 { _exit(0) }
            // A client that is gone reads no message either.
            if code == EPIPE { _exit(Refusal.inputOutput) }
            unsafe Refusal(cannotWrite: code).report(entry: name)
        }
    }

    /// Connects where the environment says, or else to the agent that registered for the request's vault: a client
    /// that `cron` or a service starts has another environment than the session.
    private static func connect(
        for request: borrowing SecretBuffer
    ) throws(AgentError) -> AgentConnection {
        do throws(AgentError) {
            return try AgentConnection(AgentAddress())
        } catch {
            // A socket that was named is the one that is meant.
            guard error == .absent, unsafe EnvironmentBytes("SEALRING_AGENT_SOCKET") == nil else {
                throw error
            }
        }
        let found = unsafe request.withUnsafeBytes { bytes -> AgentRegistration? in
            guard var frame = unsafe FrameReader(bytes), let path = unsafe frame.next() else { return nil }
            if let beside = try? unsafe AgentRegistration(vault: path) { return beside }
            return unsafe AgentRegistration.inState(forVault: path)
        }
        guard let address = found?.address else { throw .absent }
        return try AgentConnection(address)
    }

    /// Milliseconds that an answer from AWS may take: clients wait no longer.
    private static var patience: Int64 { 20_000 }

    private static func secretBuffer() throws(AgentError) -> SecretBuffer {
        let limit = AgentMessage.frameLimit + 4
        do { return try SecretBuffer(capacity: 4000, limit: limit) } catch { throw .memory(error) }
    }

    private enum Result: ~Copyable {
        case refused(Refusal)
        /// The `errno` of writing them; 0 when they were written.
        case released(code: Int32)

        /// Writes the credentials of an answer, or takes its error; nil when it is neither.
        init?(_ bytes: UnsafeRawBufferPointer, for name: UnsafeRawBufferPointer) {
            guard var frame = unsafe FrameReader(bytes) else { return nil }
            switch unsafe frame.kind {
            case AgentMessage.Answer.json.rawValue:
                guard let json = unsafe frame.next(), unsafe frame.isAtEnd,
                    unsafe CredentialProcessJSON.isLine(json)
                else {
                    return nil
                }
                self = .released(code: unsafe writeOnce(1, json) ? 0 : errno)
            case AgentMessage.Answer.codeNeeded.rawValue: self = unsafe .refused(Refusal.codeNeeded(name))
            case AgentMessage.Answer.error.rawValue:
                guard let refusal = unsafe Refusal(answer: &frame) else { return nil }
                self = .refused(refusal)
            default: return nil
            }
        }
    }
}
