import ArgumentParser
import VaultClient

struct Init: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Create a vault.",
        discussion: """
            Prompts for the passphrase twice, and shows the recovery code once. By default, the key derivation is \
            tuned to take about one second on this machine.
            """)
    static let examples = [
        "sealring init",
        "sealring init --recovery-code-file /media/usb/sealring-code",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @OptionGroup var derivation: DerivationOptions

    @OptionGroup var recovery: NewRecoveryCode

    func run() throws {
        try NewVault.create(
            global.client(), recovery: recovery.choice, derivation: derivation.choice)
    }
}
