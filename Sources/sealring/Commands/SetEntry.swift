import ArgumentParser
import VaultClient

struct SetEntry: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change the settings of an entry or role.")
    static let examples = [
        "sealring set prod --region eu-central-1 --note 'CI of the shop'",
        "sealring set prod --serve session --expose-for 1h",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of an entry or role.", completion: .names)
    var name: String

    @Option(help: "Region to use.")
    var region: String?

    @Option(help: "A note, shown by 'sealring show'.")
    var note: String?

    @Option(help: "Account ID of 12 digits.")
    var accountID: String?

    @Option(help: "Name of the IAM user that owns the key.")
    var userName: String?

    @Option(
        help: ArgumentHelp(
            "Make clients ask again after this time (15m to 12h), so that a lock takes effect; '' to turn it off.",
            valueName: "duration"))
    var exposeFor: String?

    @Option(
        help: ArgumentHelp(
            "What AWS clients get: the key itself, a session, or a role's credentials.",
            valueName: "key|session|role"), completion: .list(["key", "session", "role"]))
    var serve: ServeChoice?

    @Option(
        name: .customLong("role"),
        help: "Role to serve. (default: the only role assumed with the key)", completion: .roleNames)
    var servedRole: String?

    @OptionGroup var request: RequestOptions

    @Option(
        help: ArgumentHelp(
            "Send IAM requests to this URL instead of the public endpoint (keys only).", valueName: "url"))
    var iamEndpoint: String?

    @Option(
        help: ArgumentHelp(
            "Session duration: 30m to 12h for roles (1h when chained), up to 36h for keys.",
            valueName: "duration"))
    var duration: String?

    @OptionGroup var role: RoleOptions

    func validate() throws {
        if servedRole != nil, serve != .role { throw ValidationError("--role needs --serve role") }
    }

    func run() throws { try settings.apply(to: name, global.client()) }

    private var settings: EntrySettings {
        var settings = EntrySettings(
            request: request.settings(iamEndpoint: iamEndpoint, duration: duration), role: role.settings)
        settings.region = region
        settings.note = note
        settings.accountID = accountID
        settings.userName = userName
        settings.exposeFor = exposeFor
        settings.serve = serve
        settings.servedRole = servedRole
        return settings
    }
}

extension ServeChoice: ExpressibleByArgument {}
