import AgentProtocol
import ArgumentParser
import VaultClient
import VaultCrypto

struct Version: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Show the version.")
    static let examples = [
        "sealring version",
        "sealring version --json",
    ]

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        guard json else { return try Console.print("\(ProgramVersion.text)") }
        try Console.print(
            JSONText.object([
                ("version", .string("\(ProgramVersion.text)")), ("libsodium", .string(Sodium.version)),
            ]).text)
    }
}
