import AWSValues
import ArgumentParser
import CredentialImport
import CredentialVault
import ProgramSupport
import SecureMemory
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

    @Option(help: "Read the secret access key from a file that only you can read.")
    var secretFile: String?

    @Option(help: "Read the session token from a file that only you can read.")
    var sessionTokenFile: String?

    @Option(help: "Region to use with the key.")
    var region: String?

    @Flag(
        name: .shortAndLong,
        help: "Add the key even if another entry has it or its secret looks truncated.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    @OptionGroup var profile: OfferedProfile

    /// Nobody types a secret for a key that is refused afterwards: all that can be checked without it is
    /// checked first.
    func run() throws {
        let name = self.name
        try EntryName.check(name)
        let region = try self.region.flatMap { try RequestSettings.region($0) }
        try profile.offer.check()
        let writer =
            profile.configure == true
            ? try profile.offer.writer(for: name, region: region, global.client()) : nil
        let opening = try global.client().startOpening()
        let given = try accessKeyID.map { try unsealed($0, isTyped: false) }
        if accessKeyID == nil { try requireTerminal("the access key id", "--access-key-id ID") }
        let fileToken = try readToken()
        let fileSecret = try secretFile.map { try SecretFile.readPassphrase($0, limit: 4 << 10) }
        if fileSecret == nil { try requireTerminal("the secret access key", "--secret-file PATH") }
        let vault = try opening.finish()
        let entries = try vault.entries()
        try requireFreeName(in: entries)
        let (entry, warning) =
            try given
            ?? Answers.retrying(conversation, isAsked: true) {
                try unsealed(ask("Access key ID: "), isTyped: true)
            }
        if let warning { Console.warn(warning) }
        try requireNew(entry, in: entries)
        let isTyped = fileSecret == nil
        let secret = try fileSecret ?? askSecret("Secret access key: ", limit: 4 << 10)
        try requireVisible(secret, "secret access key")
        try requireUsual(secret, isTyped: isTyped)
        let asksToken = sessionTokenFile == nil && AccessKeyID.needsSessionToken(entry.accessKeyID)
        let token = try asksToken ? askToken() : fileToken
        try vault.update(acceptingRollback: global.acceptRollback) { _, changes in
            try changes.add(entry, secretAccessKey: secret, sessionToken: token)
        }
        Console.note("sealed \(name)")
        RequestSettings.warn(unknownRegion: region, conversation)
        try profile.offer.offer(writer, for: name, region: region, vault, global.client())
    }

    private func requireTerminal(_ what: String, _ option: String) throws {
        guard Terminal() == nil else { return }
        throw Failure(.usage, "no terminal to ask for \(what)", hint: "give \(option)")
    }

    /// A secret that AWS does not issue may be a piece of one: it is asked about where somebody can be asked,
    /// and refused from a file when it is too short for any.
    private func requireUsual(_ secret: borrowing SecretBytes, isTyped: Bool) throws {
        if ImportWarning.isUsualSecret(secret.bytes.octets) { return }
        Console.warn(ImportWarning.unusualSecret.text)
        if force { return }
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
        if !force, let known = entries.sorted.first(where: { $0.accessKeyID == entry.accessKeyID }) {
            throw Failure(
                .exists, "the access key \(entry.accessKeyID) is sealed as '\(known.name)' already",
                hint: "rename it with 'sealring rename \(known.name) \(name)', or seal it twice with --force")
        }
    }

    private func unsealed(_ id: String, isTyped: Bool) throws -> (Entry, String?) {
        var entry = Entry(name: name, accessKeyID: id)
        // What is typed is asked for again.
        let code: Failure.Code = isTyped ? .malformed : .usage
        guard let kind = AccessKeyID.classify(id) else {
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
        entry.accountID = AccessKeyID.accountID(of: id)
        entry.region = try region.flatMap { try RequestSettings.region($0) }
        entry.source = "by hand"
        return (entry, kind == .unusual ? ImportWarning.unusualAccessKeyID.text : nil)
    }

    private func askSecret(_ prompt: String, limit: Int) throws -> SecretBytes {
        guard let terminal = Terminal() else {
            throw Failure(
                .usage, "no terminal to ask for a secret",
                hint: "give --secret-file PATH, and --session-token-file PATH")
        }
        return try terminal.askSecret(prompt, limit: limit)
    }

    private func askToken() throws -> SecretBytes? {
        let token = try askSecret("Session token: ", limit: 6 << 10)
        try requireVisible(token, "session token")
        return token
    }

    private func readToken() throws -> SecretBytes? {
        guard let sessionTokenFile else { return nil }
        let token = try SecretFile.readPassphrase(sessionTokenFile, limit: 6 << 10)
        try requireVisible(token, "session token")
        return token
    }

    private func ask(_ prompt: String) throws -> String {
        guard let terminal = Terminal() else {
            throw Failure(.usage, "no terminal to ask for the access key ID", hint: "give --access-key-id ID")
        }
        return try terminal.askText(prompt, limit: 128)
    }

    private func requireVisible(_ secret: borrowing SecretBytes, _ what: String) throws {
        let isVisible = unsafe secret.withUnsafeBytes { bytes in
            unsafe bytes.count > 0 && bytes.allSatisfy(\.isVisible)
        }
        guard isVisible else {
            throw Failure(.malformed, "the \(what) is empty, or has characters that no AWS key has")
        }
    }
}
