import ArgumentParser
import VaultClient

struct MFACommand: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "mfa", abstract: "Manage the MFA device of a key's user.",
        subcommands: [MFASet.self, MFARemove.self])
    static let examples = [
        "sealring mfa set prod --mfa-serial arn:aws:iam::123456789012:mfa/alice",
        "sealring mfa remove prod",
    ]
}

struct MFASet: CommandWithExamples, ConfirmingCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set the MFA device, and optionally seal its seed.",
        discussion: """
            The seed is the secret key that AWS shows for a virtual device, or an otpauth:// URL. With the seed in the \
            vault, opening the vault yields both factors; a stolen key alone still fails where MFA is required. \
            Without --seed or --seed-file, Sealring prompts for a code once and shares the session.
            """)
    static let examples = [
        "sealring mfa set prod --mfa-serial arn:aws:iam::123456789012:mfa/alice",
        "sealring mfa set prod --mfa-serial arn:aws:iam::123456789012:mfa/alice --seed",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of the entry.", completion: .keyNames)
    var name: String

    @Option(help: ArgumentHelp("ARN or serial number of the device.", valueName: "serial"))
    var mfaSerial: String?

    @Flag(help: "Prompt for the seed, which AWS calls the secret key of a virtual device.")
    var seed = false

    @Option(
        help: ArgumentHelp("Read the seed from a file that only you can read.", valueName: "path"),
        completion: .file())
    var seedFile: String?

    @Flag(name: .shortAndLong, help: "As --yes.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    func run() throws {
        try DeviceChange(
            name: name, serial: mfaSerial, asksSeed: seed, seedFile: seedFile, isForced: force
        ).run(global.client())
    }
}

struct MFARemove: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove the MFA device and its seed.")
    static let examples = [
        "sealring mfa remove prod",
        "sealring mfa remove prod --no-agent",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of the entry.", completion: .keyNames)
    var name: String

    func run() throws {
        try DeviceChange.remove(name, from: global.access(), acceptingRollback: global.acceptRollback)
    }
}
