import AgentProtocol
import ArgumentParser
import DurableFiles
import Platform
import ProgramSupport
import SecureMemory
import VaultClient

/// The command that a person types.
struct Sealring: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "sealring",
        abstract: "An encrypted local vault for AWS access keys.",
        discussion: """
            Sealring encrypts access keys with a passphrase and gives them to the AWS CLI, the SDKs and Terraform \
            through credential_process, so that ~/.aws/credentials holds no plaintext secrets.
            """,
        version: "\(ProgramVersion.text)",
        groupedSubcommands: [
            CommandGroup(
                name: "Everyday",
                subcommands: [
                    Import.self, Add.self, List.self, Show.self, Unlock.self, Lock.self, Status.self,
                    Exec.self,
                ]),
            CommandGroup(name: "Profiles", subcommands: [Configure.self, CredentialProcess.self]),
            CommandGroup(
                name: "Roles and MFA",
                subcommands: [RoleCommand.self, MFACommand.self, Session.self, Login.self, Clear.self]),
            CommandGroup(
                name: "Care of keys",
                subcommands: [
                    SetEntry.self, Rename.self, Remove.self, Rotate.self, Verify.self, Age.self,
                ]),
            CommandGroup(
                name: "Vault and passphrase",
                subcommands: [Init.self, Passwd.self, Recover.self, RecoveryCodeCommand.self]),
            CommandGroup(name: "More", subcommands: [Completion.self, Version.self]),
        ])
    static let examples = [
        "sealring init",
        "sealring import ~/Downloads/alice_accessKeys.csv --name prod --delete-source",
        "sealring unlock",
        "aws s3 ls --profile prod",
    ]
}

/// What this process was started with; the first to look at it is `main`, before it changes that.
let inheritedState = InheritedState()

@main
enum Main {
    static func main() {
        _ = inheritedState
        let refusals = ProcessHardening.apply(keepsLimits: true)
        signal(SIGPIPE, SIG_IGN)
        guard ProcessHardening.occupyClosedStreams() else { exit(Failure.Code.inputOutput.rawValue) }
        let arguments = GlobalOptions.movedBehindCommand(Array(CommandLine.arguments.dropFirst()))
        let isForClient = arguments.first == "credential-process"
        do {
            if case .by(let process) = ProcessHardening.tracing() { throw Failure(tracer: process) }
            var command = try Sealring.parseAsRoot(arguments)
            // Some AWS clients take a helper's stderr for a part of its answer.
            if !(command is CredentialProcess) { tell(refusals) }
            if let asking = command as? any ConfirmingCommand, asking.confirmation.yes {
                conversation.answersYes = true
            }
            do {
                try command.run()
            } catch {
                if let command = command as? CredentialProcess { command.fail(error) }
                (command as? any PromptingCommand)?.report(error)
                throw error
            }
        } catch {
            exit(report(error, isOneLine: isForClient))
        }
    }

    private static func tell(_ refusals: [ProcessHardening.Refusal]) {
        for refusal in refusals {
            Console.warn("a protection is not in force: \(refusal.call): \(describe(errno: refusal.code))")
        }
    }

    /// Says what went wrong, and returns the exit code.
    ///
    /// - Parameter isOneLine: whether an AWS client reads it, and not a person.
    private static func report(_ error: any Error, isOneLine: Bool) -> Int32 {
        // A command whose answer is its exit status.
        if let status = error as? ExitCode { return status.rawValue }
        guard let failure = Failure.of(error) else { return reportUsage(error, isOneLine) }
        guard !isOneLine else {
            Console.note(failure.message + (failure.hint.map { ": \($0)" } ?? ""))
            return failure.code.rawValue
        }
        if !failure.message.isEmpty { Console.error("sealring: error: \(failure.message)") }
        if let hint = failure.hint { Console.hint(hint) }
        return failure.code.rawValue
    }

    /// Help, version and completions are answers; everything else that the parser throws is misuse.
    private static func reportUsage(_ error: any Error, _ isOneLine: Bool) -> Int32 {
        let command = NamedCommand(Array(CommandLine.arguments.dropFirst()))
        let failure: Failure
        if let unknown = command.failure ?? Exec.missingTerminator(CommandLine.arguments) {
            failure = unknown
        } else if Sealring.exitCode(for: error) == .success {
            let text = Sealring.fullMessage(for: error)
            do { try Console.print(HelpText(text)?.text ?? text) } catch { return 74 }
            return 0
        } else {
            failure = Failure(.usage, UsageText.text(Sealring.message(for: error)), hint: command.help)
        }
        return report(failure, isOneLine: isOneLine)
    }
}
