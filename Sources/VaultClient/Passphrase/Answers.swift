import ProgramSupport

/// Lets a person who mistyped an answer try again.
package enum Answers {
    /// How often a question is asked.
    private static let tries = 3

    /// Runs `body`, which asks and checks, again after a malformed answer.
    ///
    /// - Parameter isAsked: whether a person answers; what comes from a file is the same the next time.
    package static func retrying<Result: ~Copyable>(
        _ conversation: any Conversation, isAsked: Bool, _ body: () throws -> Result
    ) throws -> Result {
        var left = isAsked ? tries : 1
        while true {
            do { return try body() } catch {
                left -= 1
                guard left > 0, let failure = Failure.of(error), failure.code == .malformed,
                    conversation.canAsk
                else { throw error }
                try conversation.tell("\(failure.message)\n")
                if let hint = failure.hint, hint != "try again" { try conversation.tell("  \(hint)\n") }
                try conversation.tell("Try again.\n")
            }
        }
    }
}
