package import AgentProtocol

/// Why a program fails: what happened and where, how to fix it, and a stable exit code.
package struct Failure: Error, Equatable {
    package let message: String
    package let hint: String?
    package let code: Code
    /// What the agent refused for, where it is that.
    package private(set) var reason: AgentReason?

    package init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }

    /// The same, of a reason of the agent that was worded so.
    package func because(_ reason: AgentReason) -> Failure {
        var failure = self
        failure.reason = reason
        return failure
    }

    /// The exit codes, which follow `sysexits.h`.
    package enum Code: Int32, Sendable {
        case usage = 64
        case malformed = 65
        case missing = 66
        case unavailable = 69
        case memory = 71
        case exists = 73
        case inputOutput = 74
        case busy = 75
        case notPermitted = 77
        /// Of `exec`, as shells say it.
        case notExecutable = 126
        case notFound = 127
    }
}
