import AWSValues
import ArgumentParser
import CredentialVault
import ProgramSupport

struct RoleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "role",
        abstract: "Roles that are assumed with a key of the vault, or with another role.",
        subcommands: [RoleAdd.self, RoleList.self])
}

struct RoleAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a role; a profile names it as it names an entry.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The role's name in the vault.")
    var name: String

    @OptionGroup var role: RoleOptions
    @OptionGroup var request: RequestOptions

    @Option(help: "The region whose STS is asked; by default the source's.")
    var region: String?

    @Option(help: "Words of your own.")
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
        made.region = try region.flatMap { try RequestOptions.region($0) }
        made.note = note.flatMap { $0.isEmpty ? nil : $0 }
        try self.role.apply(to: &made)
        try request.apply(to: &made)
        let new = made
        if profile.configure == true { _ = try profile.writer(for: name, region: new.region, global) }
        let vault = try global.access()
        try vault.update(acceptingRollback: global.acceptRollback) { entries, changes in
            try RoleRules.check(new, in: entries, vault.location.path)
            try changes.append(.addRole, name: new.name, role: new)
        }
        Console.note("added \(name), assumed with \(source)")
        try profile.offer(
            nil, for: name, region: RoleFacts.region(of: name, in: vault.entries()), vault, global)
    }
}

struct RoleList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List roles and the key each is assumed with.")

    @OptionGroup var global: GlobalOptions

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

/// What a role must be to be of use.
enum RoleRules {
    static func check(_ role: Role, in entries: EntryList, _ path: String) throws {
        // A source that is gone has no name; everything else of such a role may be changed.
        guard role.source.isEmpty || entries.isTaken(role.source) else {
            throw VaultError(.noSuchEntry(role.source), path: path)
        }
        if entries.role(role.source) != nil, let seconds = role.sessionSeconds, seconds > 3600 {
            throw Failure(
                .usage, "a role that is assumed by a role lasts one hour at most", hint: "give --duration 1h")
        }
    }
}

/// What is told of a role.
enum RoleFacts {
    static func all(_ role: Role, in entries: EntryList, profiles: [String]) -> [EntryFacts.Fact] {
        var facts: [EntryFacts.Fact] = []
        func text(_ key: String, _ label: String, _ value: String?) {
            guard let value else { return }
            facts.append(.init(key: key, label: label, text: value, json: .string(value)))
        }
        func list(_ key: String, _ label: String, _ values: [String]) {
            guard !values.isEmpty else { return }
            facts.append(
                .init(
                    key: key, label: label, text: values.joined(separator: ", "),
                    json: .array(values.map { .string($0) })))
        }
        text("name", "name", role.name)
        text("role_arn", "role", role.roleARN)
        text("account_id", "account", RoleARN(role.roleARN)?.accountID)
        text("source", "source", role.source.isEmpty ? nil : role.source)
        list("chain", "chain", chain(role, in: entries))
        text("mfa_serial", "MFA device", role.mfaSerial)
        if let seconds = role.sessionSeconds {
            facts.append(
                .init(
                    key: "duration_seconds", label: "duration", text: "\(seconds) s",
                    json: .number(Int64(seconds))))
        }
        text("external_id", "external id", role.externalID)
        text("policy", "policy", role.policy)
        list("policy_arns", "policies", role.policyARNs)
        list("tags", "tags", role.tags)
        list("transitive_tags", "transitive tags", role.transitiveTagKeys)
        text("source_identity", "source identity", role.sourceIdentity)
        text("session_name", "session name", role.sessionName)
        text("sts_endpoint", "STS endpoint", role.stsEndpoint)
        text("ca_bundle", "CA bundle", role.caBundle)
        text("region", "region", role.region)
        text("note", "note", role.note)
        text("sealed_at", "sealed", EntryFacts.time(role.sealedAt))
        text("changed_at", "changed", EntryFacts.time(role.changedAt))
        facts.append(
            .init(
                key: "profiles", label: "profiles", text: profiles.joined(separator: ", "),
                json: .array(profiles.map { .string($0) })))
        return facts
    }

    static func json(_ role: Role, in entries: EntryList, profiles: [String]) -> JSONText {
        .object(all(role, in: entries, profiles: profiles).map { ($0.key, $0.json) })
    }

    /// The names from the role down to the key; what is gone ends it.
    static func chain(_ role: Role, in entries: EntryList) -> [String] {
        var names = [role.name]
        var next = role.source
        while !next.isEmpty, names.count < 10, !names.contains(next) {
            names.append(next)
            next = entries.role(next)?.source ?? ""
        }
        return names
    }

    private static func way(_ role: Role, in entries: EntryList) -> String {
        let names = chain(role, in: entries)
        let isWhole = names.last.map { entries[$0] != nil } ?? false
        return names.joined(separator: " < ") + (isWhole ? "" : " < nothing")
    }

    /// The region of a role, which is its own or that of what assumes it.
    static func region(of name: String, in entries: EntryList) -> String? {
        guard let role = entries.role(name) else { return nil }
        for name in chain(role, in: entries) {
            if let region = entries.role(name)?.region ?? entries[name]?.region { return region }
        }
        return nil
    }

    static func table(_ entries: EntryList, _ profiles: ProfileIndex) -> [[String]] {
        [["NAME", "ROLE", "CHAIN", "PROFILES"]]
            + entries.roles.map { role in
                [
                    role.name, role.roleARN.printable, way(role, in: entries).printable,
                    profiles[role.name].joined(separator: ",").printable,
                ]
            }
    }
}
