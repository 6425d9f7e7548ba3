import Platform
package import SecureMemory

extension AgentConnection {
    /// Connects where the environment says, or else to the agent that registered for the request's vault: a client
    /// that `cron` or a service starts has another environment than the session.
    ///
    /// - Parameters:
    ///   - request: a frame whose first field is the vault's path.
    ///   - end: when all must be done, in milliseconds of `MonotonicClock`.
    package static func find(
        for request: borrowing SecretBuffer, in environment: EnvironmentSource = .process,
        until end: Int64 = .max
    ) throws(AgentError) -> AgentConnection {
        do throws(AgentError) {
            return try AgentConnection(AgentAddress(in: environment), until: end)
        } catch {
            // A socket that was named is the one that is meant.
            guard error == .absent, EnvironmentBytes("SEALRING_AGENT_SOCKET", in: environment) == nil else {
                throw error
            }
        }
        guard var frame = FrameReader(request.bytes), let path = frame.next(),
            let address = registration(of: path, in: environment)?.address
        else { throw .absent }
        return try AgentConnection(address, until: end)
    }

    private static func registration(
        of vault: RawSpan, in environment: EnvironmentSource
    ) -> AgentRegistration? {
        do throws(AgentRegistration.Obstacle) {
            if let beside = try AgentRegistration(vault: vault) { return beside }
        } catch {
            // What cannot be looked at may be found in the state directory.
        }
        return AgentRegistration.inState(forVault: vault, in: environment)
    }

    /// Whether the vault is locked, by what the agent says of itself after a refusal; false when it says nothing.
    package func isLocked(
        _ buffer: inout SecretBuffer, watchingOutput: Bool, in environment: EnvironmentSource = .process
    ) -> Bool {
        if let isLocked = status(&buffer, watchingOutput) { return isLocked }
        // A lock ends the connections of those who waited for a session.
        do throws(AgentError) {
            return try AgentConnection(AgentAddress(in: environment), until: end)
                .status(&buffer, watchingOutput) ?? false
        } catch { return false }
    }

    private func status(_ buffer: inout SecretBuffer, _ watchingOutput: Bool) -> Bool? {
        do throws(AgentError) {
            buffer.truncate(to: 0)
            try buffer.endFrame(buffer.beginFrame(AgentMessage.Request.status))
            try send(buffer)
            try receive(into: &buffer, watchingOutput: watchingOutput)
            return StatusAnswer.isLocked(buffer.bytes)
        } catch { return nil }
    }
}
