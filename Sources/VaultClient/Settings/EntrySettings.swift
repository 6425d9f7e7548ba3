import AWSValues
import CredentialVault
import ProgramSupport

/// What AWS clients get of an entry.
package enum ServeChoice: String, Sendable { case key, session, role }

/// What `set` changes of an entry or a role. An empty value takes a setting away.
package struct EntrySettings {
    package var region: String?
    package var note: String?
    package var accountID: String?
    package var userName: String?
    package var exposeFor: String?
    package var serve: ServeChoice?
    /// The role that is served; nil for the only one that has the key as its source.
    package var servedRole: String?
    package var request: RequestSettings
    package var role: RoleSettings

    package init(request: RequestSettings, role: RoleSettings) {
        self.request = request
        self.role = role
    }

    private var isEmpty: Bool {
        request.isEmpty && role.isEmpty && serve == nil && region == nil && note == nil && accountID == nil
            && userName == nil && exposeFor == nil
    }

    /// Changes the entry or the role of this name.
    package func apply(to name: String, _ client: Client) throws {
        guard !isEmpty else {
            throw Failure(.usage, "nothing to set", hint: "'sealring set --help' shows what can be set")
        }
        let exposure = try check()
        let vault = try client.access()
        var taken: String?
        try vault.update(acceptingRollback: client.acceptsRollback) { entries, changes in
            guard var entry = entries[name] else {
                let role = try changed(entries.role(name), named: name, entries, vault.location.path)
                return try changes.append(.editRole, name: name, role: role)
            }
            taken = try apply(to: &entry, exposure: exposure, entries)
            try changes.append(.edit, name: name, entry: entry)
        }
        client.conversation.note("changed \(name)")
        RequestSettings.warn(unknownRegion: region, client.conversation)
        MFAAccount.tell(taken, name, client.conversation)
    }

    /// Checks all that can be checked before the vault is opened: nobody types a passphrase for a value that is
    /// rejected.
    ///
    /// - Returns: the time after which clients ask again; nil for no change, nil inside for never.
    private func check() throws -> UInt32?? {
        if let accountID, !accountID.isEmpty, !AccountID.isValid(accountID) {
            throw Failure(
                .usage,
                "invalid account ID '\(String(accountID.prefix(100)).printable)': \(AccountID.rule)")
        }
        if let region { _ = try RequestSettings.region(region) }
        // A name and an id that are valid, so that what is wrong is one of the settings.
        var blank = Entry(name: "blank", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        blank.note = note?.nilIfEmpty
        blank.userName = userName?.nilIfEmpty
        if let fault = blank.settingFault { throw Failure(.usage, fault) }
        try request.check()
        try role.check()
        return try exposeFor.map { try $0.isEmpty ? nil : DurationText.seconds($0, in: 900...43_200) }
    }

    /// - Returns: the account, when it was taken from the MFA device.
    private func apply(
        to entry: inout Entry, exposure: UInt32??, _ entries: EntryList
    ) throws -> String? {
        guard role.isEmpty else {
            throw Failure(
                .usage, "'\(entry.name)' is a key; these settings are only for roles",
                hint:
                    "add a role that this key assumes with 'sealring role add NAME --role-arn ARN --source \(entry.name)'"
            )
        }
        try request.apply(to: &entry)
        try serve(entries, to: &entry)
        if let region { entry.region = try RequestSettings.region(region) }
        if let note { entry.note = note.nilIfEmpty }
        if let accountID { entry.accountID = accountID.nilIfEmpty }
        if let userName { entry.userName = userName.nilIfEmpty }
        if let exposure { entry.exposeFor = exposure }
        guard request.mfaSerial != nil || accountID != nil else { return nil }
        return try MFAAccount.settle(&entry)
    }

    private func changed(
        _ known: Role?, named name: String, _ entries: EntryList, _ path: String
    ) throws -> Role {
        guard var role = known else { throw VaultError(.noSuchEntry(name), path: path) }
        guard accountID == nil, userName == nil, exposeFor == nil, serve == nil else {
            throw Failure(
                .usage, "'\(name)' is a role; these settings are only for keys",
                hint: "set them on the key that the role is assumed with")
        }
        try self.role.apply(to: &role)
        try request.apply(to: &role)
        if let region { role.region = try RequestSettings.region(region) }
        if let note { role.note = note.nilIfEmpty }
        try RoleRules.check(role, in: entries, path)
        return role
    }

    private func serve(_ entries: EntryList, to entry: inout Entry) throws {
        switch serve {
        case nil: return
        case .key: entry.serve = .key
        case .session:
            guard !entry.hasSessionToken else {
                throw Failure(
                    .usage, "'\(entry.name)' holds temporary credentials, which cannot get sessions",
                    hint: "serve them as they are with '--serve key'")
            }
            entry.serve = .session
        case .role:
            entry.serve = .role(try chosenRole(for: entry.name, entries))
        }
    }

    /// The role to serve: one that is assumed with this key, directly or through other roles.
    private func chosenRole(for name: String, _ entries: EntryList) throws -> String {
        let own = entries.roles.filter { RoleFacts.chain($0, in: entries).last == name }.map(\.name)
        if let servedRole {
            guard let role = entries.role(servedRole) else {
                throw VaultError(.noSuchRole(servedRole), path: "")
            }
            guard own.contains(servedRole) else {
                let chain = RoleFacts.chain(role, in: entries).joined(separator: " < ").printable
                throw Failure(
                    .usage, "the role '\(servedRole.printable)' is not assumed with '\(name)': \(chain)",
                    hint: "use the role by its own name: 'sealring configure \(servedRole.printable)'")
            }
            return servedRole
        }
        let direct = entries.roles.filter { $0.source == name }
        if direct.count == 1 { return direct[0].name }
        throw Failure(
            .usage,
            direct.isEmpty
                ? "no role is assumed with '\(name)'"
                : "several roles are assumed with '\(name)': \(direct.map(\.name).joined(separator: ", "))",
            hint: direct.isEmpty
                ? "add one with 'sealring role add NAME --role-arn ARN --source \(name)'"
                : "name one with --role")
    }
}

extension String {
    fileprivate var nilIfEmpty: String? { isEmpty ? nil : self }
}
