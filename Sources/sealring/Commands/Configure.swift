import AWSConfigGrammar
import ArgumentParser
import VaultClient

struct Configure: CommandWithExamples, ConfirmingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write or remove a profile in ~/.aws/config.",
        discussion: """
            Shows the change as a diff and asks for confirmation. Every other byte of the file stays as it is, \
            and --remove restores the file.

            If the profile has a role_arn and a source_profile, the roles and keys of the whole chain are moved \
            into the vault.

            Use --credentials-file for restic, MinIO clients and the AWS SDK for Java 1, which only read \
            ~/.aws/credentials. Other clients, such as the SDK for C++, only read ~/.aws/config.
            """)
    static let examples = [
        "sealring configure prod --region eu-central-1",
        "sealring configure prod --remove",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of an entry or role.", completion: .names)
    var name: String

    @Option(help: "Profile name. (default: the entry's name)")
    var profile: String?

    @Option(help: "Region of the profile. (default: the entry's region)")
    var region: String?

    @Option(
        help: "Output format of the profile: json, text, table, yaml, yaml-stream or off.",
        completion: .list(["json", "text", "table", "yaml", "yaml-stream", "off"]))
    var output: String?

    @Flag(help: "Derive the key at each call, for services without an agent.")
    var agentless = false

    @Flag(help: "Write to ~/.aws/credentials instead of ~/.aws/config.")
    var credentialsFile = false

    @Flag(help: "Remove the profile.")
    var remove = false

    @Flag(help: "Show what would change, and change nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "As --yes, and replace another program's credential_process.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    func validate() throws {
        if remove, region != nil || output != nil || agentless {
            throw ValidationError("--remove cannot be used with --region, --output or --agentless")
        }
        if credentialsFile, region != nil || output != nil {
            throw ValidationError(
                "--region and --output belong in ~/.aws/config, and cannot be used with --credentials-file")
        }
    }

    func run() throws {
        let configuration = ProfileConfiguration(
            name: name, profile: profile, region: region, output: output, isAgentless: agentless,
            kind: credentialsFile ? .credentials : .config, isForced: force, isDryRun: dryRun)
        if remove { try configuration.remove(conversation) } else { try configuration.write(global.client()) }
    }
}
