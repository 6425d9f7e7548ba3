import ArgumentParser
import CredentialVault
import VaultClient

/// The options that every command on a vault takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: "Vault file. (env: SEALRING_VAULT; default: ~/.local/share/sealring/vault)",
        completion: .file())
    var vault: String?

    @Option(
        help:
            "Read the passphrase from a file that only you can read. (env: SEALRING_PASSPHRASE_FILE)",
        completion: .file()
    )
    var passphraseFile: String?

    @Option(
        help:
            "Read the passphrase from a command's output. (env: SEALRING_PASSPHRASE_COMMAND)"
    )
    var passphraseCommand: String?

    @Flag(help: "Do not use the agent.")
    var noAgent = false

    @Flag(
        help:
            "Write even if the vault file is older than, or has diverged from, the last one seen on this machine."
    )
    var acceptRollback = false

    /// The arguments with global options that stand before the command put behind it, where the parser of
    /// the command reads them: `sealring --vault PATH list` is `sealring list --vault PATH`.
    static func movedBehindCommand(_ arguments: [String]) -> [String] {
        let withValue = ["--vault", "--passphrase-file", "--passphrase-command"]
        let flags = ["--no-agent", "--accept-rollback"]
        var count = 0
        while count < arguments.count {
            let argument = arguments[count]
            if flags.contains(argument) || withValue.contains(where: { argument.hasPrefix($0 + "=") }) {
                count += 1
            } else if withValue.contains(argument), count + 1 < arguments.count {
                count += 2
            } else {
                break
            }
        }
        // With no command behind them the parser says what is missing.
        guard count > 0, count < arguments.count else { return arguments }
        let rest = arguments[count...]
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return Array(rest[..<end]) + arguments[..<count] + Array(rest[end...])
    }

    /// What the command works with.
    func client() throws -> Client {
        try Client(
            vault: vault, passphraseFile: passphraseFile, passphraseCommand: passphraseCommand,
            usesAgent: !noAgent, acceptsRollback: acceptRollback, conversation: conversation)
    }

    func location() throws -> VaultLocation { try client().location }

    /// The vault behind the agent when that has it unlocked, else opened here with the passphrase.
    func access() throws -> any VaultAccess { try client().access() }
}
