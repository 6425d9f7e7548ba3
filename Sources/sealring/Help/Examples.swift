import ArgumentParser

/// A command whose help shows how it is used.
protocol CommandWithExamples: ParsableCommand {
    /// Two lines or more, as they are typed.
    static var examples: [String] { get }
}

enum Examples {
    /// The examples of the command that is called with these words, such as `role add`.
    static func of(_ command: String) -> [String]? {
        var type: any ParsableCommand.Type = Sealring.self
        for word in command.split(separator: " ") {
            let next = type.configuration.subcommands.first { $0._commandName == word }
            guard let next else { return nil }
            type = next
        }
        return (type as? any CommandWithExamples.Type)?.examples
    }
}
