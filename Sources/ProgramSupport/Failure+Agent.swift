package import AgentProtocol
import Platform
import SecureMemory

extension Failure {
    /// The same for a program that has strings.
    package init(_ refusal: borrowing Refusal) {
        self.init(
            Code(rawValue: refusal.code) ?? .inputOutput, refusal.message.bytes.text() ?? "",
            hint: refusal.cure.bytes.isEmpty ? nil : refusal.cure.bytes.text())
    }

    package init(_ error: AgentError) {
        switch error {
        case .absent: self.init(.unavailable, "no agent is running", hint: "start it with 'sealring unlock'")
        case .abandoned: self.init(.inputOutput, "")
        case .tooLong: self.init(.malformed, "the request is too large for the agent", hint: Self.alone)
        case .memory(let error): self.init(error)
        case .untrusted(let fault): self = .untrusted(fault, asRoot: geteuid() == 0)
        default:
            let failure = Self.worded(error)
            guard failure.code == .unavailable, let hint = failure.hint else {
                self = failure
                return
            }
            self.init(failure.code, failure.message, hint: "\(hint), or \(Self.alone)")
        }
    }

    private static func worded(_ error: AgentError) -> Failure {
        guard let refusal = Refusal(error) else { return Failure(.inputOutput, "") }
        return Failure(refusal)
    }

    /// A socket that is not ours alone; under `sudo` it may be that of the user whose home it is in.
    package static func untrusted(_ fault: AgentError.Fault, asRoot: Bool) -> Failure {
        let failure = worded(.untrusted(fault))
        let isForeign = [.directoryOwner, .socketOwner, .peer].contains(fault)
        return Failure(
            failure.code, failure.message,
            hint: isForeign && asRoot ? asThatUser : failure.hint.map { "\($0), or \(alone)" })
    }

    private static let alone = "work without it with --no-agent"
}
