import ArgumentParser
import VaultClient

struct Passwd: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Change the passphrase.",
        discussion: """
            Replaces the vault key. Old copies of the vault still open with the old passphrase; everything saved \
            from now on does not. If the vault has a recovery code, it is replaced unless you give the present one.
            """)
    static let examples = [
        "sealring passwd",
        "sealring passwd --code-file /media/usb/sealring-code",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var recovery: NewRecoveryCode

    @Option(help: "Read the new passphrase from a file that only you can read.", completion: .file())
    var newPassphraseFile: String?

    @Option(help: "Keep the recovery code, read from this file ('-' prompts for it).", completion: .file())
    var codeFile: String?

    @OptionGroup var derivation: DerivationOptions

    func run() throws {
        try PassphraseChange(global.client()).change(
            passphraseFile: newPassphraseFile, keptCodeFile: codeFile, recovery: recovery.choice,
            derivation: derivation.choice)
    }
}

struct Recover: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Set a new passphrase with the recovery code.")
    static let examples = [
        "sealring recover",
        "sealring recover --code-file /media/usb/sealring-code",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Option(help: "Read the recovery code from a file instead of prompting for it.", completion: .file())
    var codeFile: String?

    @Option(help: "Read the new passphrase from a file that only you can read.", completion: .file())
    var newPassphraseFile: String?

    @OptionGroup var derivation: DerivationOptions

    func run() throws {
        try PassphraseChange(global.client()).recover(
            passphraseFile: newPassphraseFile, codeFile: codeFile, derivation: derivation.choice)
    }
}

struct RecoveryCodeCommand: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "recovery-code", abstract: "Issue or remove the recovery code.",
        subcommands: [New.self, Drop.self])
    static let examples = [
        "sealring recovery-code new",
        "sealring recovery-code remove",
    ]

    struct New: CommandWithExamples {
        static let configuration = CommandConfiguration(
            abstract: "Issue a new recovery code; earlier ones stop working.")
        static let examples = [
            "sealring recovery-code new",
            "sealring recovery-code new --recovery-code-file /media/usb/sealring-code",
        ]

        @OptionGroup(title: "Global options") var global: GlobalOptions

        @Option(help: "Write the recovery code to a new file instead of showing it.", completion: .file())
        var recoveryCodeFile: String?

        func run() throws {
            try PassphraseChange(global.client()).issueCode(RecoveryCodeChoice(file: recoveryCodeFile))
        }
    }

    struct Drop: CommandWithExamples {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove the recovery code, which then stops working.")
        static let examples = [
            "sealring recovery-code remove",
            "sealring recovery-code remove --passphrase-file passphrase",
        ]

        @OptionGroup(title: "Global options") var global: GlobalOptions

        func run() throws { try PassphraseChange(global.client()).dropCode() }
    }
}
