import AgentProtocol
import Platform
import SecureMemory

extension Refusal {
    /// Takes what is known of a question that brought nothing in place of what had it asked.
    mutating func explain(_ report: consuming PromptReport?) {
        guard let report else { return }
        let hasCure = report.cure.count > 0
        var explained = Refusal(code: report.code, "", "")
        explained.message.append(report.message.bytes)
        if hasCure { explained.cure.append(report.cure.bytes) } else { explained.cure.append(cure.bytes) }
        // Nobody is asked a second question after one that came to nothing.
        self = explained
    }

    /// stdout did not take the answer, which was written in one piece and is lost.
    init(cannotWrite code: Int32) {
        self.init(code: Self.inputOutput, "could not write the credentials to stdout: ", "check stdout")
        message.append(errno: code)
    }

    /// Another process traces this one, and could read what it gets.
    init(tracer process: Int32) {
        self.init(
            code: Self.notPermitted, "another process can read this one's memory: process ",
            "end that debugger or tracer, and try again")
        message.append(decimal: Int64(process))
        message.append(" traces it")
    }

    /// Nil when there is a vault, or something else at its place.
    static func noVault() -> Refusal? {
        var refusal = Refusal(code: missing, "no vault at ", "run 'sealring init'")
        guard let path = VaultFile.missingPath() else { return nil }
        refusal.message.appendPrintable(path.bytes)
        return refusal
    }
}
