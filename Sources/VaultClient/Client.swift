package import CredentialVault
import ProgramSupport
import SecureMemory

/// What a command works with: which vault, how it is opened, and with whom it speaks.
package struct Client {
    package let location: VaultLocation
    package let passphraseSource: PassphraseSource
    /// What says where the passphrase comes from, for people; nil for a terminal.
    let passphraseOrigin: String?
    /// Whether a vault that is unlocked in the agent is used there.
    package let usesAgent: Bool
    /// Whether a file that is no successor of the one that this machine saw last is written.
    package let acceptsRollback: Bool
    package let conversation: any Conversation

    /// - Parameters:
    ///   - vault: the vault file; nil for that of the environment, or the usual one.
    ///   - passphraseFile: as it was given on the command line.
    ///   - passphraseCommand: as it was given on the command line.
    package init(
        vault: String?, passphraseFile: String?, passphraseCommand: String?, usesAgent: Bool,
        acceptsRollback: Bool, conversation: any Conversation
    ) throws {
        location = try Paths.location(vault: vault)
        passphraseSource = PassphraseSource.choose(file: passphraseFile, command: passphraseCommand)
        passphraseOrigin =
            switch passphraseSource {
            case .file: passphraseFile == nil ? "SEALRING_PASSPHRASE_FILE" : "--passphrase-file"
            case .command: passphraseCommand == nil ? "SEALRING_PASSPHRASE_COMMAND" : "--passphrase-command"
            case .systemdCredential: "the systemd credential 'sealring-passphrase'"
            case .terminal: nil
            }
        self.usesAgent = usesAgent
        self.acceptsRollback = acceptsRollback
        self.conversation = conversation
    }

    /// The vault behind the agent when that has it unlocked, else opened here with the passphrase.
    package func access() throws -> any VaultAccess { try startOpening().finish() }

    /// Checks the agent, or the file, before anything is asked.
    package func startOpening() throws -> VaultOpening { try VaultOpening(self) }

    /// Reads and opens the vault; the file is checked before anything is asked.
    ///
    /// - Parameter isSilent: whether nothing may be asked or written to stderr.
    package func open(isSilent: Bool = false) throws -> Vault {
        let sealed = try SealedVault.read(location)
        return try unlock(sealed, isSilent: isSilent)
    }

    /// Opens a vault that was read, and says what is unusual about it.
    package func unlock(_ sealed: consuming SealedVault, isSilent: Bool = false) throws -> Vault {
        try unlockKeepingPassphrase(sealed, isSilent: isSilent).intoVault()
    }

    /// As ``unlock(_:isSilent:)``, with the passphrase that opened it. A terminal is asked three times.
    package func unlockKeepingPassphrase(
        _ sealed: consuming SealedVault, isSilent: Bool = false
    ) throws -> OpenedVault {
        if let mode = sealed.narrowedPermissions, !isSilent {
            conversation.warn(
                "other users could read the vault (mode 0\(String(mode, radix: 8))): fixed its permissions")
        }
        let source = passphraseSource
        let listener = isSilent ? nil : conversation
        var prompt = "Passphrase: "
        var tries = source.isTerminal ? 3 : 1
        while true {
            let text = try source.read(prompt: prompt, isSilent: isSilent, conversation)
            if let found = try FoundKey.search(sealed, text, listener) {
                return try OpenedVault(sealed, found, listener)
            }
            tries -= 1
            guard tries > 0 else { throw FoundKey.none(sealed.location, text, from: passphraseOrigin) }
            prompt = Self.secondPrompt
        }
    }

    static let secondPrompt = "Wrong passphrase, try again: "
}
