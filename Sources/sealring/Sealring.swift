import AgentProtocol
import ArgumentParser
import CredentialVault
import DurableFiles
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The command that a person types.
struct Sealring: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sealring",
        abstract: "An encrypted local vault for AWS access keys.",
        discussion: """
            Keys are sealed with a passphrase, and handed to the AWS CLI, the SDKs and Terraform through \
            credential_process, so that no plaintext secret sits in ~/.aws/credentials.
            """,
        version: "0.1.0",
        subcommands: [
            Init.self, Import.self, Add.self, List.self, Show.self, Remove.self, Rename.self, SetEntry.self,
            Passwd.self, Recover.self, RecoveryCodeCommand.self, Configure.self, CredentialProcess.self,
        ])
}

@main
enum Main {
    static func main() {
        let refusals = ProcessHardening.apply()
        signal(SIGPIPE, SIG_IGN)
        umask(0o077)
        for refusal in refusals {
            Console.warn("a protection is not in force: \(refusal.call): \(describe(errno: refusal.code))")
        }
        let arguments = GlobalOptions.movedBehindCommand(Array(CommandLine.arguments.dropFirst()))
        do {
            var command = try Sealring.parseAsRoot(arguments)
            do {
                try command.run()
            } catch {
                guard let command = command as? CredentialProcess else { throw error }
                command.fail(error)
            }
        } catch {
            exit(report(error, isHelper: arguments.first == CredentialProcess.configuration.commandName))
        }
    }

    /// Says what went wrong, and returns the exit code.
    private static func report(_ error: any Error, isHelper: Bool) -> Int32 {
        guard let failure = Failure.of(error) else { return reportUsage(error, isHelper: isHelper) }
        if !failure.message.isEmpty { Console.error("sealring: error: \(failure.message)") }
        if let hint = failure.hint { Console.hint(hint) }
        return failure.code.rawValue
    }

    /// Help, version and completions are answers; everything else that the parser throws is misuse.
    ///
    /// - Parameter isHelper: whether a client started the program, which wants one line.
    private static func reportUsage(_ error: any Error, isHelper: Bool) -> Int32 {
        let code = Sealring.exitCode(for: error)
        if code == .success {
            do { try Console.print(Sealring.fullMessage(for: error)) } catch { return 74 }
            return 0
        }
        let line = Sealring.message(for: error).split(separator: "\n").first.map(String.init) ?? "misuse"
        let message = String(line.lowercasedStart.prefix(300)).printable
        if isHelper {
            Console.note("\(message): see 'sealring credential-process --help'")
            return Failure.Code.usage.rawValue
        }
        Console.error("sealring: error: \(message)")
        Console.hint("'sealring --help' shows the commands, 'sealring COMMAND --help' their options")
        return Failure.Code.usage.rawValue
    }
}

extension Failure {
    /// The failure behind an error of any module; nil for one of the command line's parser.
    static func of(_ error: any Error) -> Failure? {
        switch error {
        case let error as Failure: error
        case let error as VaultError: Failure(error)
        case let error as FileError: Failure(error)
        case let error as SecureMemoryError: Failure(error)
        case let error as OutputClosed:
            Failure(.inputOutput, error.code == EPIPE ? "" : "stdout: \(describe(errno: error.code))")
        default: nil
        }
    }
}

extension String {
    fileprivate var lowercasedStart: String { prefix(1).lowercased() + dropFirst() }
}
