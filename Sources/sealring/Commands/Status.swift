import ArgumentParser
import VaultClient

struct Status: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Show whether the vault is unlocked, and until when.",
        discussion: """
            The exit status is 0 when unlocked, 1 when locked, 2 when no agent runs, and 3 when there is no vault.
            """)
    static let examples = [
        "sealring status",
        "sealring status --verbose",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Show protections and other agents, too.")
    var verbose = false

    func run() throws {
        let facts = try AgentFacts.find(global.client())
        facts.warnOfFile(conversation)
        if json {
            try Console.print(facts.json.text)
        } else {
            let keys = EnvironmentKeys.warning.map { [["environment", $0]] } ?? []
            try Console.write(Table.text(facts.rows(isVerbose: verbose) + keys))
            facts.warnOfAgent(conversation)
        }
        if facts.exitStatus != 0 { throw ExitCode(facts.exitStatus) }
    }
}
