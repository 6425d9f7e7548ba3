import ArgumentParser
import VaultClient

struct Import: CommandWithExamples, ConfirmingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import access keys from a CSV, JSON, .env or AWS credentials file.",
        discussion: """
            The format is detected from the content of each file. If any row is invalid, nothing is imported. When \
            there is one key, the change to ~/.aws/config is shown as a diff and confirmed first. --delete-source \
            removes a key from ~/.aws only if its profile is written or --no-configure is given.
            """)
    static let examples = [
        "sealring import ~/Downloads/alice_accessKeys.csv --name prod --delete-source",
        "sealring import ~/.aws/credentials --dry-run",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var profile: ImportProfileOptions

    @Argument(help: "Files to import; '-' reads stdin.", completion: .file())
    var files: [String] = []

    @Flag(help: "Import the key from AWS_ACCESS_KEY_ID and the related variables.")
    var fromEnv = false

    @Option(help: "Entry name. (default: the profile, user or file name)")
    var name: String?

    @Flag(help: "Replace an entry with the same name or key ID.")
    var replace = false

    @Flag(help: "Delete the files after the keys are saved and verified.")
    var deleteSource = false

    @Flag(help: "Skip invalid rows, and list them at the end.")
    var skipInvalid = false

    @Flag(name: .shortAndLong, help: "As --yes, and accept short secrets.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    @Flag(help: "Show what would change, and change nothing.")
    var dryRun = false

    func validate() throws {
        guard fromEnv != !files.isEmpty else {
            throw ValidationError(
                fromEnv ? "--from-env cannot be used with files" : "name a file, or give --from-env")
        }
        if fromEnv, name == nil { throw ValidationError("--from-env needs --name") }
        if fromEnv, deleteSource { throw ValidationError("--delete-source needs a file") }
    }

    func run() throws {
        let request = ImportRequest(
            files: fromEnv ? nil : files, name: name, replaces: replace, deletesSource: deleteSource,
            skipsInvalid: skipInvalid, isForced: force, isDryRun: dryRun, profiles: profile.request)
        try KeyImport(request, global.client()).run()
    }
}
