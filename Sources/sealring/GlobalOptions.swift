import ArgumentParser
import CredentialVault
import ProgramSupport
import SecureMemory

/// The options that every command on a vault takes.
struct GlobalOptions: ParsableArguments {
    @Option(help: "The vault file. (env: SEALRING_VAULT; default: ~/.local/share/sealring/vault)")
    var vault: String?

    @Option(
        help:
            "Read the passphrase from the first line of a file that only you can read. (env: SEALRING_PASSPHRASE_FILE)"
    )
    var passphraseFile: String?

    @Option(
        help:
            "Read the passphrase from the first line that a command prints. (env: SEALRING_PASSPHRASE_COMMAND)"
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

    /// Where the vault and the state are.
    func location() throws -> VaultLocation { try Paths.location(vault: vault) }

    var passphraseSource: PassphraseSource {
        PassphraseSource.choose(file: passphraseFile, command: passphraseCommand)
    }

    /// What says where the passphrase comes from, for people; nil for a terminal.
    var passphraseOrigin: String? {
        switch passphraseSource {
        case .file: passphraseFile == nil ? "SEALRING_PASSPHRASE_FILE" : "--passphrase-file"
        case .command: passphraseCommand == nil ? "SEALRING_PASSPHRASE_COMMAND" : "--passphrase-command"
        case .systemdCredential: "the systemd credential 'sealring-passphrase'"
        case .terminal: nil
        }
    }

    /// The vault behind the agent when that has it unlocked, else opened here with the passphrase.
    func access() throws -> any VaultAccess { try startOpening().finish() }

    /// Checks the agent, or the file, before anything is asked.
    func startOpening() throws -> VaultOpening { try VaultOpening(self) }

    /// Reads and opens the vault; the file is checked before anything is asked.
    ///
    /// - Parameter isSilent: whether nothing may be asked or written to stderr.
    func open(isSilent: Bool = false) throws -> Vault {
        let sealed = try SealedVault.read(location())
        return try unlock(sealed, isSilent: isSilent)
    }

    /// Opens a vault that was read, and says what is unusual about it.
    func unlock(_ sealed: consuming SealedVault, isSilent: Bool = false) throws -> Vault {
        try unlockKeepingPassphrase(sealed, isSilent: isSilent).intoVault()
    }

    /// As ``unlock(_:isSilent:)``, with the passphrase that opened it. A terminal is asked three times.
    func unlockKeepingPassphrase(
        _ sealed: consuming SealedVault, isSilent: Bool = false
    ) throws -> OpenedVault {
        if let mode = sealed.narrowedPermissions, !isSilent {
            Console.warn("the vault could be read by others (mode 0\(String(mode, radix: 8))): closed it")
        }
        let source = passphraseSource
        var prompt = "Passphrase: "
        var tries = source.isTerminal ? 3 : 1
        while true {
            let text = try source.read(prompt: prompt, isSilent: isSilent)
            if let found = try FoundKey.search(sealed, text, isSilent: isSilent) {
                return try OpenedVault(sealed, found, isSilent: isSilent)
            }
            tries -= 1
            guard tries > 0 else { throw FoundKey.none(sealed.location, text, from: passphraseOrigin) }
            prompt = Self.secondPrompt
        }
    }

    static let secondPrompt = "Wrong passphrase, try again: "
}
