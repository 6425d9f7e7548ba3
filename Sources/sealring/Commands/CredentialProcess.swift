import ArgumentParser
import Platform
import ProgramSupport
import VaultClient

struct CredentialProcess: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "credential-process",
        abstract: "Print credentials as JSON for an AWS credential_process setting.",
        discussion: """
            Asks the agent if it has the vault unlocked. Otherwise, and with --no-agent, derives the key each time \
            without prompting: the passphrase comes from a file, a command or a systemd credential.
            """)
    static let examples = [
        "sealring credential-process prod",
        "sealring credential-process prod --no-agent --passphrase-file passphrase",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @OptionGroup var mfa: MFAOptions

    @Argument(help: "Name of an entry or role.", completion: .names)
    var name: String

    func run() throws {
        try Console.release(
            CredentialRequest.line(for: name, mfaToken: mfa.mfaToken, global.client()))
    }

    /// Says in one line what went wrong and how to fix it, keeps it for `sealring status`, since many clients
    /// hide it, and ends the process. Nothing goes to stdout, since clients would read it.
    func fail(_ error: any Error) -> Never {
        let failure = Failure.of(error) ?? Failure(.inputOutput, "it failed in an unknown way")
        guard !failure.message.isEmpty else { endProcess(failure.code.rawValue) }
        Console.note(failure.message + (failure.hint.map { ": \($0)" } ?? ""))
        Refusals.add(name, failure)
        endProcess(failure.code.rawValue)
    }
}

private func endProcess(_ code: Int32) -> Never { exit(code) }
