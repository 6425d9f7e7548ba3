import ArgumentParser
import Platform
import ProgramSupport
import VaultClient

struct Exec: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Run a program with the credentials of an entry or role.",
        discussion: """
            No secret is put into the program's environment: it gets a profile that asks the agent. Other sources of \
            credentials are taken out of the environment, and the program's AWS files are copies without keys.

            A locked vault is unlocked first. The exit status is the program's own, 127 if it is not found, and 126 if \
            it cannot be started.
            """)
    static let examples = [
        "sealring exec prod -- terraform plan",
        "sealring exec prod",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Argument(help: "Name of an entry or role.")
    var name: String

    @Argument(parsing: .postTerminator, help: "The program and its arguments. (default: your shell)")
    var command: [String] = []

    func validate() throws {
        if global.noAgent { throw ValidationError("exec needs the agent: remove --no-agent") }
    }

    /// What is wrong with `exec NAME PROGRAM …`, as other tools take it; nil where that is not what was typed.
    static func missingTerminator(_ arguments: [String]) -> Failure? {
        let words = arguments.drop { $0 != "exec" }.dropFirst()
        let isPlain = words.count > 1 && words.prefix(2).allSatisfy { !$0.hasPrefix("-") }
        guard isPlain, !arguments.contains("--"), let name = words.first else { return nil }
        let program = words.dropFirst().joined(separator: " ")
        return Failure(
            .usage, "missing '--' before the program",
            hint: "run 'sealring exec \(name.printable) -- \(String(program.prefix(200)).printable)'")
    }

    func run() throws {
        let limits = AgentLimits(idle: 3600, total: 8 * 3600, allowsUnlockedMemory: false)
        throw try ExecCommand(name: name, words: command).run(
            global.client(), mfa.code, unlockingFor: limits, restoring: inheritedState)
    }
}
