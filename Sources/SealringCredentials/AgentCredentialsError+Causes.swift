import AgentProtocol
import Platform
import SecureMemory

extension AgentCredentialsError {
    static func codeNeeded(_ entry: String) -> AgentCredentialsError {
        AgentCredentialsError(
            .mfaCodeRequired, "a code of the MFA device is needed", hint: "run 'sealring session \(entry)'")
    }

    /// What the agent answered instead of credentials; nil when it is no proper answer.
    init?(answer frame: inout FrameReader) {
        guard let code = frame.next(UInt32.self), let message = frame.nextText(limit: 512),
            let hint = frame.nextText(limit: 512), frame.isAtEnd
        else { return nil }
        let reason: Reason =
            switch code {
            case 66: .noSuchEntry
            case 69, 75: .unavailable
            case 71: .noResources
            case 77 where hint == "run 'sealring unlock'": .locked
            default: .refused
            }
        self.init(reason, message, hint: hint.isEmpty ? nil : hint)
    }

    init(_ error: AgentError) {
        switch error {
        case .absent: self.init(.locked, "the vault is locked", hint: "run 'sealring unlock'")
        case .path:
            self.init(.unavailable, "invalid socket path", hint: "check SEALRING_AGENT_SOCKET and HOME")
        case .untrusted:
            self.init(
                .untrusted, "the agent's socket may belong to someone else", hint: "see 'sealring status'")
        case .malformed:
            self.init(
                .unavailable, "the agent gave no proper answer",
                hint: "restart it with 'sealring lock --stop' and 'sealring unlock'")
        case .timeout, .abandoned: self.init(.unavailable, "the agent does not answer", hint: "try again")
        case .tooLong: self.init(.refused, "the entry's name or the vault's path is too long")
        case .system(let call, let code):
            self.init(.unavailable, "could not reach the agent: \(call): error \(code)")
        case .memory(let error): self.init(error)
        }
    }

    init(_ error: ExchangeError) {
        switch error {
        case .notStarted(.missing):
            self.init(
                .unavailable, "could not find sealring-aws", hint: "name its directory, or add it to PATH")
        case .notStarted(.untrusted):
            self.init(.untrusted, "others may change sealring-aws", hint: "close it with 'chmod go-w'")
        case .notStarted(.system(let code)):
            self.init(.unavailable, "could not start sealring-aws: error \(code)")
        case .noReply, .abandoned: self.init(.unavailable, "sealring-aws gave no reply", hint: "try again")
        case .timeout:
            self.init(.unavailable, "AWS did not answer in time", hint: "check the network, and try again")
        case .memory(let error): self.init(error)
        }
    }

    private init(_ error: SecureMemoryError) {
        self.init(.noResources, "could not lock memory", hint: "raise the limit with 'ulimit -l'")
    }
}
