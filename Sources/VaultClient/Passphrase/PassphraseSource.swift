import DurableFiles
import Platform
package import ProgramSupport
package import SecureMemory
import VaultCrypto

/// Where a passphrase comes from: never from an argument or an environment value.
package enum PassphraseSource {
    case file(String)
    case systemdCredential(String)
    case command(String)
    case terminal

    package static let limit = 1024

    /// The first that is there of: file, command, systemd credential, terminal. What stands on the command
    /// line beats the environment.
    package static func choose(file: String?, command: String?) -> PassphraseSource {
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

    package var isTerminal: Bool {
        if case .terminal = self { return true }
        return false
    }

    /// The passphrase, or what may be it.
    ///
    /// - Parameters:
    ///   - prompt: what a terminal shows.
    ///   - isSilent: whether nothing may be asked, nor written to stderr by a command.
    package func read(
        prompt: String, isSilent: Bool = false, _ conversation: any Conversation
    ) throws -> PassphraseText {
        switch self {
        case .file(let path): return try SecretFile.passphraseText(path, limit: Self.limit)
        case .systemdCredential(let path):
            return try SecretFile.passphraseText(path, limit: Self.limit, isSystemd: true)
        case .command(let command):
            // It may ask a person something.
            conversation.endProgress()
            return try PassphraseCommand.passphraseText(command, limit: Self.limit, isSilent: isSilent)
        case .terminal:
            guard !isSilent, conversation.canAsk else {
                throw Failure(
                    .notPermitted, "no passphrase, and no terminal to ask for it",
                    hint: "give --passphrase-file or --passphrase-command")
            }
            return try PassphraseText(
                line: conversation.askSecret(prompt, limit: Self.limit, until: nil))
        }
    }

    /// A new passphrase, the first line of what the source has: a terminal is asked twice.
    package func readNew(prompt: String, _ conversation: any Conversation) throws -> SecretBytes {
        guard !isTerminal else {
            return try Answers.retrying(conversation, isAsked: true) { try askNew(prompt, conversation) }
        }
        let text = try read(prompt: prompt, conversation)
        if text.hasMoreLines {
            conversation.warn("only the first line is the passphrase: the \(what) has more")
        }
        let passphrase = text.intoFirstLine()
        try NewPassphrase.require(passphrase)
        if NewPassphrase.isWeak(passphrase) {
            conversation.warn(Self.weak)
            conversation.hint("use four or more random words; 'sealring passwd' changes it")
        }
        return passphrase
    }

    private static let weak = "this passphrase is weak: someone with a copy of the vault could guess it"

    /// Asks for a new passphrase until one is chosen: of a weak one before it is asked for again.
    private func askNew(_ prompt: String, _ conversation: any Conversation) throws -> SecretBytes {
        while true {
            let passphrase = try read(prompt: prompt, conversation).intoFirstLine()
            try NewPassphrase.require(passphrase)
            if NewPassphrase.isWeak(passphrase) {
                try conversation.tell("\(Self.weak)\n  use four or more random words\n")
                guard try conversation.confirm("Use it anyway?") else { continue }
            }
            let second = try read(prompt: "Once more: ", conversation).intoFirstLine()
            guard Sodium.equal(passphrase, second) else {
                throw Failure(.malformed, "passphrases do not match", hint: "try again")
            }
            return passphrase
        }
    }

    private var what: String {
        switch self {
        case .command: "passphrase command"
        default: "passphrase file"
        }
    }

    private static func environment(_ name: String) -> String? { Environment.value(name) }
}
