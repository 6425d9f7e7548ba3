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

    @Flag(help: "Show the commit, the libraries, and how the helper was built, too.")
    var verbose = false

    func run() throws {
        guard json || verbose else { return try Console.print("\(ProgramVersion.text)") }
        let details: [(String, String?)] = [
            ("version", "\(ProgramVersion.text)"), ("commit", ProgramDetails.commit),
            ("libsodium", Sodium.version),
            ("libcurl", ProgramDetails.ofProgram("sealring-aws")),
            ("helper", ProgramDetails.ofProgram("sealring-credential-process")),
        ]
        guard json else {
            let lines = details.map { "\($0.0):".padded(to: 11) + ($0.1 ?? "unknown") }
            return try Console.print(lines.joined(separator: "\n"))
        }
        try Console.print(JSONText.object(details.map { ($0.0, $0.1.map { .string($0) }) }).text)
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(width - count, 0))
    }
}
