import ArgumentParser
import ProgramSupport
import VaultClient

extension HelperPrompt: ExpressibleByArgument {}

/// A command that a helper starts to have a person asked.
protocol PromptingCommand {
    /// Nil when a person started it.
    var prompt: HelperPrompt? { get }
}

extension PromptingCommand {
    /// Reports to the helper, which reads stdout, why there is nothing: message, tab and hint in one line.
    func report(_ error: any Error) {
        guard prompt != nil, let failure = Failure.of(error), !failure.message.isEmpty else { return }
        // The helper takes so much of each; one write of less than a page is never cut.
        let parts = [failure.message, failure.hint ?? ""].map { String($0.printable.prefix(400)) }
        try? Console.print(parts.joined(separator: "\t"))
    }
}

extension Unlock: PromptingCommand {}
extension Session: PromptingCommand {}
