import AgentProtocol
import SecureMemory

extension AgentCredentialsError {
    /// - Parameter isLocked: whether the agent says that the vault is locked.
    init(_ refusal: borrowing Refusal, isLocked: Bool = false) {
        let reason: Reason =
            switch refusal.code {
            case Refusal.missing: .notFound
            case Refusal.unavailable, 75: .unavailable
            case Refusal.memory: .noResources
            case Refusal.notPermitted where isLocked || refusal.isLocked: .locked
            case Refusal.notPermitted where refusal.needsCode: .mfaCodeRequired
            default: .refused
            }
        self.init(
            reason, refusal.message.bytes.text() ?? "",
            hint: refusal.cure.bytes.isEmpty ? nil : refusal.cure.bytes.text())
    }

    /// - Parameter environment: says which socket it is about.
    init(_ error: AgentError, in environment: EnvironmentSource) {
        guard let refusal = Refusal(error, in: environment) else {
            self.init(.unavailable, "the agent gave no answer")
            return
        }
        let words = AgentCredentialsError(refusal)
        if case .untrusted = error {
            self.init(.untrusted, words.message, hint: words.hint)
        } else {
            self = words
        }
    }

    init(_ error: ExchangeError) {
        let words = AgentCredentialsError(Refusal(error))
        if error == .notStarted(.untrusted) {
            self.init(.untrusted, words.message, hint: words.hint)
        } else {
            self = words
        }
    }
}
