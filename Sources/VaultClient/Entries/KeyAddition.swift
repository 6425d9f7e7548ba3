import AWSValues
import CredentialImport
import CredentialVault
import ProgramSupport
import SecureMemory

/// Adds an access key by hand.
package struct KeyAddition {
    let name: String
    /// Nil to ask for it.
    let accessKeyID: String?
    /// Nil to ask for the secret.
    let secretFile: String?
    let sessionTokenFile: String?
    let region: String?
    /// Whether a key is added that another entry has, or whose secret looks truncated.
    let isForced: Bool
    let profile: ProfileOffer

    package init(
        name: String, accessKeyID: String?, secretFile: String?, sessionTokenFile: String?, region: String?,
        isForced: Bool, profile: ProfileOffer
    ) {
        self.name = name
        self.accessKeyID = accessKeyID
        self.secretFile = secretFile
        self.sessionTokenFile = sessionTokenFile
        self.region = region
        self.isForced = isForced
        self.profile = profile
    }

    package func run(_ client: Client) throws {
        try EntryName.check(name)
        let region = try self.region.flatMap { try RequestSettings.region($0) }
        try profile.check()
        let writer =
            profile.configure == true ? try profile.writer(for: name, region: region, client) : nil
        let opening = try client.startOpening()
        let given = try read(client.conversation)
        let vault = try opening.finish()
        try seal(given, in: vault, acceptingRollback: client.acceptsRollback)
        client.conversation.note("sealed \(name)")
        RequestSettings.warn(unknownRegion: region, client.conversation)
        try profile.offer(writer, for: name, region: region, vault, client)
    }

    /// What was given on the command line, so that nobody has to be asked for it.
    struct Given: ~Copyable {
        var entry: Entry?
        var secret: SecretBytes?
        var token: SecretBytes?
    }

    /// Nobody types a secret for a key that is refused afterwards: all that can be checked without it is
    /// checked first.
    func read(_ conversation: any Conversation) throws -> Given {
        let entry = try accessKeyID.map { try unsealed($0, isTyped: false) }
        if entry == nil { try require(conversation, "the access key ID", "--access-key-id ID") }
        let token = try sessionTokenFile.map { try SecretFile.readPassphrase($0, limit: Self.tokenLimit) }
        try Self.requireVisible(token, "session token")
        let secret = try secretFile.map { try SecretFile.readPassphrase($0, limit: Self.secretLimit) }
        try Self.requireVisible(secret, "secret access key")
        if secret == nil { try require(conversation, "the secret access key", "--secret-file PATH") }
        return Given(entry: entry, secret: secret, token: token)
    }

    /// Asks for what was not given, and seals the key.
    func seal(_ given: consuming Given, in vault: any VaultAccess, acceptingRollback: Bool) throws {
        let conversation = vault.conversation
        let entries = try vault.entries()
        try requireFreeName(in: entries)
        let entry =
            try given.entry
            ?? Answers.retrying(conversation, isAsked: true) {
                try unsealed(conversation.askText("Access key ID: ", limit: 128), isTyped: true)
            }
        if AccessKeyID.classify(entry.accessKeyID) == .unusual {
            conversation.warn(ImportWarning.unusualAccessKeyID.text)
        }
        try requireNew(entry, in: entries)
        let isTyped = given.secret == nil
        let secret =
            try given.secret.take()
            ?? conversation.askSecret("Secret access key: ", limit: Self.secretLimit, until: nil)
        try Self.requireVisible(secret, "secret access key")
        try requireUsual(secret, isTyped: isTyped, conversation)
        let asksToken = sessionTokenFile == nil && AccessKeyID.needsSessionToken(entry.accessKeyID)
        let token = try asksToken ? askToken(conversation) : given.token.take()
        try vault.update(acceptingRollback: acceptingRollback) { _, changes in
            try changes.add(entry, secretAccessKey: secret, sessionToken: token)
        }
    }
}

extension KeyAddition {
    private static let secretLimit = 4 << 10
    private static let tokenLimit = 6 << 10

    private func askToken(_ conversation: any Conversation) throws -> SecretBytes? {
        let token = try conversation.askSecret("Session token: ", limit: Self.tokenLimit, until: nil)
        try Self.requireVisible(token, "session token")
        return token
    }

    private func require(_ conversation: any Conversation, _ what: String, _ option: String) throws {
        guard conversation.canAsk else {
            throw Failure(.usage, "no terminal to ask for \(what)", hint: "give \(option)")
        }
    }

    private func unsealed(_ id: String, isTyped: Bool) throws -> Entry {
        // What is typed is asked for again.
        let code: Failure.Code = isTyped ? .malformed : .usage
        guard AccessKeyID.classify(id) != nil else {
            throw Failure(
                // Not repeated: it may be the secret, pasted into the wrong field.
                code, "invalid access key ID",
                hint: "it must have 16 to 128 capital letters and digits, and begin with AKIA or ASIA")
        }
        // Where the id is typed, the token is typed too.
        if AccessKeyID.needsSessionToken(id), sessionTokenFile == nil, !isTyped {
            throw Failure(
                .usage, "an access key ID that begins with ASIA needs its session token",
                hint: "add --session-token-file PATH")
        }
        var entry = Entry(name: name, accessKeyID: id)
        entry.accountID = AccessKeyID.accountID(of: id)
        entry.region = try region.flatMap { try RequestSettings.region($0) }
        entry.source = "by hand"
        return entry
    }

    private func requireFreeName(in entries: EntryList) throws {
        if let taken = entries[name] {
            throw Failure(
                .exists, "the name '\(name)' is taken by the key \(taken.accessKeyID)",
                hint: "choose another name, or remove that entry first")
        }
        guard !entries.isTaken(name) else {
            throw Failure(.exists, "the name '\(name)' is taken by a role", hint: "choose another name")
        }
    }

    private func requireNew(_ entry: Entry, in entries: EntryList) throws {
        if !isForced, let known = entries.sorted.first(where: { $0.accessKeyID == entry.accessKeyID }) {
            throw Failure(
                .exists, "the access key \(entry.accessKeyID) is sealed as '\(known.name)' already",
                hint: "rename it with 'sealring rename \(known.name) \(name)', or seal it twice with --force")
        }
    }

    /// A secret that AWS does not issue may be a piece of one: it is asked about where somebody can be asked,
    /// and refused from a file when it is too short for any.
    private func requireUsual(
        _ secret: borrowing SecretBytes, isTyped: Bool, _ conversation: any Conversation
    ) throws {
        if ImportWarning.isUsualSecret(secret.bytes.octets) { return }
        conversation.warn(ImportWarning.unusualSecret.text)
        if isForced { return }
        if isTyped {
            guard try conversation.ask("Seal it anyway?") else {
                throw Failure(.usage, "not confirmed: nothing was sealed")
            }
        } else if secret.count < ImportLimits.shortestSecret {
            throw Failure(
                .malformed, "the secret access key has fewer than \(ImportLimits.shortestSecret) characters",
                hint: "check the file; to seal it all the same, add --force")
        }
    }

    private static func requireVisible(_ secret: borrowing SecretBytes?, _ what: String) throws {
        switch secret {
        case .some(let secret): try requireVisible(secret, what)
        case .none: return
        }
    }

    private static func requireVisible(_ secret: borrowing SecretBytes, _ what: String) throws {
        guard secret.count > 0, secret.bytes.allSatisfy(\.isVisible) else {
            throw Failure(.malformed, "the \(what) is empty, or has characters that no AWS key has")
        }
    }
}
