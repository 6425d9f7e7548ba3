import SecureMemory

extension AgentConnection {
    /// The outcome of asking the process that listens at a socket.
    package enum Liveness: Sendable {
        case answers
        case absent
        /// It took the connection and ended it: an agent that is ending, for example.
        case ended
        case silent
    }

    /// Asks for the status: that a connection is taken tells nothing, since the kernel takes it for an agent that
    /// is stopped or ending.
    package static func liveness(
        _ address: AgentAddress, timeout: Int32, until end: Int64
    ) throws(AgentError) -> Liveness {
        do throws(AgentError) {
            var buffer = try AgentMessage.buffer()
            let start = try buffer.beginFrame(AgentMessage.Request.status)
            try buffer.endFrame(start)
            let connection = try AgentConnection(address, timeout: timeout, until: end)
            try connection.send(buffer)
            try connection.receive(into: &buffer)
            return .answers
        } catch {
            switch error {
            case .absent: return .absent
            case .malformed, .ended: return .ended
            case .timeout: return .silent
            default: throw error
            }
        }
    }
}
