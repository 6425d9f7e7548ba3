package import SecureMemory

/// Why no answer came from the agent.
package enum AgentError: Error, Equatable, Sendable {
    /// Nobody listens at the socket.
    case absent
    /// The socket's path has more than 107 bytes, or there is no directory for it.
    case path(Path)
    /// The socket, its directory or its owner is not to be trusted.
    case untrusted(Fault)
    /// The other side sent what is no frame, or closed in the middle of one.
    case malformed
    /// The other side closed without an answer, as an agent does that is ending: the kernel takes connections for it,
    /// and nobody answers them. So does one that does not know the request.
    case ended
    /// The other side took too long.
    case timeout
    /// The reader of our stdout is gone, so that nobody waits for the answer.
    case abandoned
    /// More than a frame takes.
    case tooLong
    /// A system call failed with this `errno`.
    case system(call: StaticString, code: Int32)
    /// Secret memory could not be had.
    case memory(SecureMemoryError)

    package enum Path: Sendable, Equatable {
        case tooLong
        case noHome
        case relative
    }

    package enum Fault: Sendable, Equatable {
        case notDirectory
        case directoryOwner
        case directoryPermissions
        case socketOwner
        case notSocket
        case peer
    }

    package static func == (one: AgentError, other: AgentError) -> Bool {
        switch (one, other) {
        case (.absent, .absent), (.malformed, .malformed), (.ended, .ended), (.timeout, .timeout),
            (.abandoned, .abandoned),
            (.tooLong, .tooLong):
            true
        case (.path(let one), .path(let other)): one == other
        case (.untrusted(let one), .untrusted(let other)): one == other
        case (.system(_, let one), .system(_, let other)): one == other
        case (.memory(let one), .memory(let other)): one == other
        default: false
        }
    }
}
