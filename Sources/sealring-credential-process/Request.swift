import AgentProtocol
import Platform
import SecureMemory

/// One question to the agent.
enum Request {
    /// Asks for an entry's credentials. When they come, they are written and the process ends.
    ///
    /// - Returns: why there are none; nil when nobody is left to tell.
    static func credentials(_ name: RawSpan) -> Refusal? {
        guard let refusal = answer(name) else { return nil }
        // There is nothing to unlock before there is a vault.
        if refusal.isLocked, let noVault = Refusal.noVault() { return noVault }
        return refusal
    }

    /// Asks again while an agent is ending, until there is none or another one.
    private static func answer(_ name: RawSpan) -> Refusal? {
        let deadline = MonotonicClock.milliseconds() + Int64(Timeouts.endingAgent)
        while true {
            do throws(AgentError) { return try ask(name) } catch {
                guard error == .ended, MonotonicClock.milliseconds() < deadline else { return Refusal(error) }
                usleep(Timeouts.retryInterval)
            }
        }
    }

    private static func ask(_ name: RawSpan) throws(AgentError) -> Refusal? {
        // Whatever it takes: a wait for others, a chain of roles, a clock that is wrong.
        let end = MonotonicClock.milliseconds() + Int64(Timeouts.credentials)
        var buffer = try AgentMessage.buffer()
        try CredentialsRequest.write(name: name, to: &buffer)
        let connection = try AgentConnection.find(for: buffer)
        try connection.send(buffer)
        try connection.receive(into: &buffer, watchingOutput: true)
        while let lease = CarriedLease(buffer.bytes) {
            if let refusal = carry(lease, &buffer, until: end) { return refusal }
            try connection.send(buffer)
            try connection.receive(into: &buffer, watchingOutput: true)
        }
        guard let result = Result(buffer.bytes, for: name) else {
            throw .malformed
        }
        switch consume result {
        case .refused(var refusal):
            // AWS's own refusals have the same code, and no passphrase helps there.
            if refusal.code == Refusal.notPermitted {
                if let noVault = Refusal.noVault() { return noVault }
                refusal.isLocked = connection.isLocked(&buffer, watchingOutput: true)
            }
            return refusal
        case .released(let code):
            buffer.truncate(to: 0)
            if code == 0 { _exit(0) }
            // A client that is gone reads no message either.
            if code == EPIPE { _exit(Refusal.inputOutput) }
            Refusal(cannotWrite: code).report(entry: name)
        }
    }

    /// - Returns: why nothing came of it.
    private static func carry(
        _ lease: CarriedLease, _ buffer: inout SecretBuffer, until end: Int64
    ) -> Refusal? {
        do throws(ExchangeError) {
            try lease.carry(&buffer, until: end, watchingOutput: true)
            return nil
        } catch {
            if error == .abandoned { _exit(Refusal.inputOutput) }
            return Refusal(error)
        }
    }

    private enum Result: ~Copyable {
        case refused(Refusal)
        /// The `errno` of writing them; 0 when they were written.
        case released(code: Int32)

        /// Writes the credentials of an answer, or takes its error; nil when it is neither.
        init?(_ bytes: RawSpan, for name: RawSpan) {
            guard var frame = FrameReader(bytes) else { return nil }
            switch frame.kind {
            case AgentMessage.Answer.json.rawValue:
                guard let json = frame.next(), frame.isAtEnd, CredentialProcessJSON.isLine(json) else {
                    return nil
                }
                self = .released(code: writeOnce(1, json) ? 0 : errno)
            case AgentMessage.Answer.codeNeeded.rawValue: self = .refused(Refusal.codeNeeded(name))
            case AgentMessage.Answer.error.rawValue:
                guard let refusal = Refusal(answer: &frame) else { return nil }
                self = .refused(refusal)
            default: return nil
            }
        }
    }
}
