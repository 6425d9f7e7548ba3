package import DurableFiles
import ProgramSupport

extension Conversation {
    /// Says that a save is not remembered, when something kept this machine from it.
    package func warn(unremembered error: FileError?) {
        guard let error else { return }
        warn(
            "the vault is saved, but this machine may not notice an older copy of it: \(Failure(error).message)"
        )
    }

    /// Asks where somebody can be asked.
    package func ask(_ question: String) throws -> Bool {
        if answersYes { return true }
        guard canAsk else {
            throw Failure(.usage, "no terminal to ask for confirmation", hint: "to confirm, add --yes")
        }
        return try confirm(question)
    }

    /// Goes on only after a yes.
    package func require(_ question: String) throws {
        guard try ask(question) else { throw Failure(.usage, "not confirmed: nothing was changed") }
    }
}
