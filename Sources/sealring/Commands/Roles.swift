import AWSValues
import ArgumentParser
import CredentialVault
import ProgramSupport
import VaultClient

struct RoleCommand: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "role",
        abstract: "Manage roles that are assumed with a key or another role.",
        subcommands: [RoleAdd.self, RoleList.self])
    static let examples = [
        "sealring role add admin --role-arn arn:aws:iam::123456789012:role/Admin --source prod",
        "sealring role list",
    ]
}

struct RoleAdd: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a role that profiles can use like an entry.")
    static let examples = [
        "sealring role add admin --role-arn arn:aws:iam::123456789012:role/Admin --source prod",
        "sealring role add audit --role-arn arn:aws:iam::210987654321:role/Audit --source prod --external-id 42",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of the role in the vault.")
    var name: String

    @OptionGroup var role: RoleOptions
    @OptionGroup var request: RequestOptions

    @Option(
        help: ArgumentHelp(
            "Session duration: 30m to 12h, or 1h if the source is a role.", valueName: "duration"))
    var duration: String?

    /// Only keys make requests to IAM, which is said of it.
    @Option(help: .hidden)
    var iamEndpoint: String?

    @Option(help: "Region of the STS endpoint. (default: the source's region)")
    var region: String?

    @Option(help: "A note, shown by 'sealring show'.")
    var note: String?

    @OptionGroup var profile: OfferedProfile

    func run() throws {
        try EntryName.check(name)
        guard let arn = self.role.roleARN, let source = self.role.source else {
            throw Failure(
                .usage, "a role needs --role-arn and --source",
                hint:
                    "for example 'sealring role add admin --role-arn arn:aws:iam::123456789012:role/Admin --source prod'"
            )
        }
        var made = Role(name: name, roleARN: arn, source: source)
        made.region = try region.flatMap { try RequestSettings.region($0) }
        made.note = note.flatMap { $0.isEmpty ? nil : $0 }
        try self.role.settings.apply(to: &made)
        try request.settings(iamEndpoint: iamEndpoint, duration: duration).apply(to: &made)
        let new = made
        if let fault = new.settingFault { throw Failure(.usage, fault) }
        try profile.offer.check()
        if profile.configure == true {
            _ = try profile.offer.writer(for: name, region: new.region, global.client())
        }
        let vault = try global.access()
        try vault.update(acceptingRollback: global.acceptRollback) { entries, changes in
            try RoleRules.check(new, in: entries, vault.location.path)
            try changes.append(.addRole, name: new.name, role: new)
        }
        Console.note("added \(name), assumed with \(source)")
        RequestSettings.warn(unknownRegion: region, conversation)
        try profile.offer.offer(
            nil, for: name, region: RoleFacts.region(of: name, in: vault.entries()), vault, global.client())
    }
}

struct RoleList: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List roles and the key each is assumed with.")
    static let examples = [
        "sealring role list",
        "sealring role list --json",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let entries = try global.access().entries()
        let profiles = ProfileIndex.read()
        if json {
            let facts = entries.roles.map { RoleFacts.json($0, in: entries, profiles: profiles[$0.name]) }
            return try Console.print(JSONText.object([("roles", .array(facts))]).text)
        }
        guard !entries.roles.isEmpty else {
            Console.note("the vault has no roles")
            return Console.hint("add one with 'sealring role add'")
        }
        try Console.write(Table.text(RoleFacts.table(entries, profiles)))
    }
}
