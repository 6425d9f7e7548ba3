import DurableFiles
import ProgramSupport
import SecureMemory
import VaultCrypto

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where a passphrase comes from: never from an argument or an environment value.
enum PassphraseSource {
    case file(String)
    case systemdCredential(String)
    case command(String)
    case terminal

    static let limit = 1024

    /// The first that is there of: file, command, systemd credential, terminal. What stands on the command
    /// line beats the environment.
    static func choose(file: String?, command: String?) -> PassphraseSource {
        if let file { return .file(file) }
        if let command { return .command(command) }
        if let file = environment("SEALRING_PASSPHRASE_FILE") { return .file(file) }
        if let command = environment("SEALRING_PASSPHRASE_COMMAND") { return .command(command) }
        if let folder = environment("CREDENTIALS_DIRECTORY") {
            let path = folder + "/sealring-passphrase"
            if unsafe access(path, F_OK) == 0 { return .systemdCredential(path) }
        }
        return .terminal
    }

    var isTerminal: Bool {
        if case .terminal = self { return true }
        return false
    }

    /// The passphrase, without one trailing newline.
    ///
    /// - Parameters:
    ///   - prompt: what a terminal shows.
    ///   - isSilent: whether nothing may be asked, nor written to stderr by a command.
    func read(prompt: String, isSilent: Bool = false) throws -> SecretBytes {
        let passphrase: SecretBytes
        switch self {
        case .file(let path): passphrase = try SecretFile.readPassphrase(path, limit: Self.limit)
        case .systemdCredential(let path):
            passphrase = try SecretFile.readPassphrase(path, limit: Self.limit, isSystemd: true)
        case .command(let command):
            passphrase = try PassphraseCommand.run(command, limit: Self.limit, isSilent: isSilent)
        case .terminal:
            guard !isSilent, let terminal = Terminal() else {
                throw Failure(
                    .notPermitted, "no passphrase, and no terminal to ask for it",
                    hint: "give --passphrase-file or --passphrase-command")
            }
            passphrase = try terminal.askSecret(prompt, limit: Self.limit)
        }
        guard passphrase.count > 0 else { throw Failure(.malformed, "the passphrase is empty") }
        return passphrase
    }

    /// A passphrase that is set anew: a terminal is asked twice.
    func readNew(prompt: String) throws -> SecretBytes {
        guard case .terminal = self else { return try read(prompt: prompt) }
        let first = try read(prompt: prompt)
        let second = try read(prompt: "Once more: ")
        guard Sodium.equal(first, second) else {
            throw Failure(.malformed, "the two passphrases are not the same", hint: "try again")
        }
        return first
    }

    private static func environment(_ name: String) -> String? { Environment.value(name) }
}
