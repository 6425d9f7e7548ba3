import AWSValues
import ArgumentParser
import CredentialVault
import ProgramSupport
import VaultClient

struct SetEntry: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Change the settings of an entry or role.")

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of an entry or role.")
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
            valueName: "key|session|role"))
    var serve: ServeChoice?

    @Option(
        name: .customLong("role"),
        help: "Role to serve. (default: the only role assumed with the key)")
    var servedRole: String?

    @OptionGroup var request: RequestOptions
    @OptionGroup var role: RoleOptions

    enum ServeChoice: String, ExpressibleByArgument { case key, session, role }

    func validate() throws {
        if servedRole != nil, serve != .role { throw ValidationError("--role goes with --serve role") }
    }

    func run() throws {
        let name = self.name
        guard
            !request.settings.isEmpty || !role.settings.isEmpty || serve != nil || region != nil
                || note != nil
                || accountID != nil || userName != nil || exposeFor != nil
        else {
            throw Failure(.usage, "nothing to set", hint: "'sealring set --help' shows what can be set")
        }
        if let accountID, !accountID.isEmpty, !AccountID.isValid(accountID) {
            throw Failure(
                .malformed,
                "invalid account ID '\(String(accountID.prefix(100)).printable)': \(AccountID.rule)")
        }
        let exposure = try exposeFor.map { try $0.isEmpty ? nil : DurationText.seconds($0, in: 900...43_200) }
        let vault = try global.access()
        let command = self
        var taken: String?
        try vault.update(acceptingRollback: global.acceptRollback) { entries, changes in
            guard var entry = entries[name] else {
                return try command.setRole(entries, &changes, vault.location.path)
            }
            guard command.role.settings.isEmpty else {
                throw Failure(
                    .usage, "'\(name)' is a key, and these are settings of a role",
                    hint: "make a role of it with 'sealring role add NAME --role-arn ARN --source \(name)'")
            }
            try command.request.settings.apply(to: &entry)
            try command.apply(serving: entries, to: &entry)
            if let region = command.region { entry.region = try RequestSettings.region(region) }
            if let note = command.note { entry.note = note.nilIfEmpty }
            if let accountID = command.accountID { entry.accountID = accountID.nilIfEmpty }
            if let userName = command.userName { entry.userName = userName.nilIfEmpty }
            if let exposure { entry.exposeFor = exposure }
            if command.request.mfaSerial != nil || command.accountID != nil {
                taken = try MFAAccount.settle(&entry)
            }
            try changes.append(.edit, name: name, entry: entry)
        }
        Console.note("changed \(name)")
        MFAAccount.tell(taken, name, conversation)
    }

    private func setRole(
        _ entries: EntryList, _ changes: inout VaultChanges, _ path: String
    ) throws {
        guard var role = entries.role(name) else { throw VaultError(.noSuchEntry(name), path: path) }
        guard accountID == nil, userName == nil, exposeFor == nil, serve == nil else {
            throw Failure(
                .usage, "'\(name)' is a role, and these are settings of a key",
                hint: "set them for the key that it comes down to")
        }
        try self.role.settings.apply(to: &role)
        try request.settings.apply(to: &role)
        if let region { role.region = try RequestSettings.region(region) }
        if let note { role.note = note.nilIfEmpty }
        try RoleRules.check(role, in: entries, path)
        try changes.append(.editRole, name: name, role: role)
    }

    private func apply(serving entries: EntryList, to entry: inout Entry) throws {
        switch serve {
        case nil: return
        case .key: entry.serve = .key
        case .session:
            guard !entry.hasSessionToken else {
                throw Failure(
                    .usage, "'\(name)' holds temporary credentials already, which get no sessions",
                    hint: "keep '--serve key'")
            }
            entry.serve = .session
        case .role:
            entry.serve = .role(try chosenRole(entries))
        }
    }

    /// The role to serve: one that comes down to this key, since nobody would expect another one's here.
    private func chosenRole(_ entries: EntryList) throws -> String {
        let own = entries.roles.filter { RoleFacts.chain($0, in: entries).last == name }.map(\.name)
        if let servedRole {
            guard let role = entries.role(servedRole) else {
                throw VaultError(.noSuchRole(servedRole), path: "")
            }
            guard own.contains(servedRole) else {
                let way = RoleFacts.chain(role, in: entries).joined(separator: " < ").printable
                throw Failure(
                    .usage, "the role '\(servedRole.printable)' does not come down to '\(name)': \(way)",
                    hint: "serve it by its own name: 'sealring configure \(servedRole.printable)'")
            }
            return servedRole
        }
        let direct = entries.roles.filter { $0.source == name }
        if direct.count == 1 { return direct[0].name }
        throw Failure(
            .usage,
            own.isEmpty
                ? "no role is assumed with '\(name)'"
                : "several roles are assumed with '\(name)': \(own.joined(separator: ", "))",
            hint: own.isEmpty
                ? "add one with 'sealring role add NAME --role-arn ARN --source \(name)'"
                : "name one with --role")
    }
}

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
