import ArgumentParser
import VaultClient

struct Add: CommandWithExamples, ConfirmingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add an access key by hand; the secret is not echoed.")
    static let examples = [
        "sealring add ci --access-key-id AKIAIOSFODNN7EXAMPLE",
        "sealring add ci --secret-file ci.secret",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of the entry.")
    var name: String

    @Option(help: "Access key ID. (default: prompt for it)")
    var accessKeyID: String?

    @Option(help: "Read the secret access key from a file that only you can read.", completion: .file())
    var secretFile: String?

    @Option(help: "Read the session token from a file that only you can read.", completion: .file())
    var sessionTokenFile: String?

    @Option(help: "Region to use with the key.")
    var region: String?

    @Flag(
        name: .shortAndLong,
        help: "Add the key even if another entry has it or its secret looks truncated.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    @OptionGroup var profile: OfferedProfile

    func run() throws {
        try KeyAddition(
            name: name, accessKeyID: accessKeyID, secretFile: secretFile, sessionTokenFile: sessionTokenFile,
            region: region, isForced: force, profile: profile.offer
        ).run(global.client())
    }
}
