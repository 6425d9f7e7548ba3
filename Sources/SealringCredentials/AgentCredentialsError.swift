/// Why the agent gave no credentials.
public struct AgentCredentialsError: Error, Sendable, Equatable {
    /// What to act on. More may come: treat one that you do not know as ``refused``.
    public struct Reason: Sendable, Hashable {
        private let name: StaticName

        /// The vault is locked, or no agent runs: a person has to run `sealring unlock`.
        public static let locked = Reason(name: .locked)
        /// There is no such entry or role, what it needs is gone, its credentials have expired, or the agent serves
        /// another vault: the message says which.
        public static let notFound = Reason(name: .notFound)
        /// A person has to give the code of an MFA device: `sealring session NAME`.
        public static let mfaCodeRequired = Reason(name: .mfaCodeRequired)
        /// The agent or AWS refused.
        public static let refused = Reason(name: .refused)
        /// The agent, AWS or the way to it gave no answer.
        public static let unavailable = Reason(name: .unavailable)
        /// The agent's socket or a program may be changed by others.
        public static let untrusted = Reason(name: .untrusted)
        /// The system has no memory that can be locked, or no thread.
        public static let noResources = Reason(name: .noResources)
        /// The task was cancelled.
        public static let cancelled = Reason(name: .cancelled)

        private enum StaticName: Sendable {
            case locked, notFound, mfaCodeRequired, refused, unavailable, untrusted, noResources, cancelled
        }
    }

    /// What to act on.
    public let reason: Reason
    /// What happened, for people.
    public let message: String
    /// What fixes it, where something does.
    public let hint: String?

    init(_ reason: Reason, _ message: String, hint: String? = nil) {
        self.reason = reason
        self.message = message
        self.hint = hint
    }

    static var noThread: AgentCredentialsError {
        AgentCredentialsError(.noResources, "could not start a thread", hint: "raise the limit, 'ulimit -u'")
    }
    static var timeout: AgentCredentialsError {
        AgentCredentialsError(.unavailable, "the agent and AWS did not answer in time", hint: "try again")
    }
    static var cancelled: AgentCredentialsError {
        AgentCredentialsError(.cancelled, "the task was cancelled")
    }
}

extension AgentCredentialsError: CustomStringConvertible {
    /// The message and the hint in one line.
    public var description: String { hint.map { "\(message): \($0)" } ?? message }
}
