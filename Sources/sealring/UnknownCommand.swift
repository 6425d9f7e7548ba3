import ArgumentParser
import ProgramSupport

/// A first word that is not a command, and the command that was probably meant.
enum UnknownCommand {
    /// Nil when the arguments begin with a command, or with an option.
    static func failure(for arguments: [String]) -> Failure? {
        let words = GlobalOptions.movedBehindCommand(Array(arguments.dropFirst()))
        let commands = Sealring.configuration.subcommands
        let known = commands.flatMap { [$0._commandName] + $0.configuration.aliases } + ["help"]
        guard let word = words.first, !word.isEmpty, !word.hasPrefix("-"), !known.contains(word) else {
            return nil
        }
        let nearest = known.map { (name: $0, distance: Spelling.distance(word, $0)) }
            .min { $0.distance < $1.distance }
        let meant = nearest.flatMap { $0.distance <= 2 && $0.distance < word.count ? $0.name : nil }
        return Failure(
            .usage,
            "unknown command '\(String(word.prefix(100)).printable)'\(meant.map { ": did you mean '\($0)'?" } ?? "")",
            hint: "'sealring --help' shows the commands")
    }
}
