import ArgumentParser
import ProgramSupport

/// The command that the arguments name, as far as they name one.
struct NamedCommand {
    /// Its words by their own names, without the program's: `role add`, and none for the program itself.
    private(set) var words: [String] = []
    private var type: any ParsableCommand.Type = Sealring.self
    /// What stands where the name of another command should.
    private var unknown: String?
    /// Whether help is asked for with the word `help`.
    private let isHelp: Bool

    /// - Parameter arguments: without the program's own name.
    init(_ arguments: [String]) {
        let arguments = GlobalOptions.movedBehindCommand(arguments)
        isHelp = arguments.first == "help"
        for word in arguments.dropFirst(isHelp ? 1 : 0) {
            // The parser's own command is none of the list.
            if isHelp, words.isEmpty, word == "help" { return }
            guard !word.isEmpty, !word.hasPrefix("-"), isHelp || !isLast else { return }
            guard let next = type.configuration.subcommands.first(where: { $0.isCalled(word) }) else {
                unknown = word
                return
            }
            words.append(next._commandName)
            type = next
        }
    }

    private var isLast: Bool { type.configuration.subcommands.isEmpty }

    /// Where its options are described.
    var help: String { "see 'sealring\(words.map { " \($0)" }.joined()) --help'" }

    /// What is wrong with the word that names no command; nil when all do.
    var failure: Failure? {
        guard let unknown else { return nil }
        let shown = String(unknown.prefix(100)).printable
        guard !isLast else { return Failure(.usage, "unexpected argument '\(shown)'", hint: help) }
        let whole = (words + [shown]).joined(separator: " ")
        guard let meant = suggestion(for: unknown) else {
            return Failure(.usage, "unknown command '\(whole)'", hint: help)
        }
        return Failure(
            .usage, "unknown command '\(whole)': did you mean '\(meant)'?",
            hint: "see 'sealring \(meant) --help'")
    }

    /// A command beside the one that is not there with nearly its name, or one of the program with that name.
    private func suggestion(for word: String) -> String? {
        let known = type.names + (words.isEmpty ? ["help"] : [])
        let nearest = known.map { (name: $0, distance: Spelling.distance(word, $0)) }
            .min { $0.distance < $1.distance }
        if let nearest, nearest.distance <= 2, nearest.distance < word.count {
            return (words + [nearest.name]).joined(separator: " ")
        }
        return Sealring.configuration.subcommands.first { $0.isCalled(word) }?._commandName
    }
}

extension ParsableCommand {
    fileprivate static func isCalled(_ word: String) -> Bool {
        _commandName == word || configuration.aliases.contains(word)
    }

    /// The names of the commands below it.
    fileprivate static var names: [String] {
        configuration.subcommands.flatMap { [$0._commandName] + $0.configuration.aliases }
    }
}
