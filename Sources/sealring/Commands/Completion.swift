import ArgumentParser
import ProgramSupport

struct Completion: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Print a completion script for bash, zsh or fish.")
    static let examples = [
        "sealring completion bash > ~/.local/share/bash-completion/completions/sealring",
        "sealring completion fish > ~/.config/fish/completions/sealring.fish",
    ]

    @Argument(help: "Shell: bash, zsh or fish.", completion: .list(["bash", "zsh", "fish"]))
    var shell: String

    func run() throws {
        guard let shell = CompletionShell(rawValue: shell) else {
            throw Failure(.usage, "invalid shell '\(shell.printable)'", hint: "use bash, zsh or fish")
        }
        try Console.print(Sealring.completionScript(for: shell))
    }
}
