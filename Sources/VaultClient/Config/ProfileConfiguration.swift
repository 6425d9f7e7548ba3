import AWSConfigFile
package import AWSConfigGrammar
import AWSValues
import CredentialVault
import ProgramSupport

/// Writes the profile of an entry or role, or takes it away again.
package struct ProfileConfiguration {
    /// The entry or role.
    let name: String
    /// Nil for the entry's name.
    let profile: String?
    /// Nil for the entry's region.
    let region: String?
    let output: String?
    /// Whether the key is derived at each call.
    let isAgentless: Bool
    /// The file of the profile.
    let kind: ConfigKind
    /// Whether nothing is asked, and another program's `credential_process` is replaced.
    let isForced: Bool
    let isDryRun: Bool

    package init(
        name: String, profile: String?, region: String?, output: String?, isAgentless: Bool, kind: ConfigKind,
        isForced: Bool, isDryRun: Bool
    ) {
        self.name = name
        self.profile = profile
        self.region = region
        self.output = output
        self.isAgentless = isAgentless
        self.kind = kind
        self.isForced = isForced
        self.isDryRun = isDryRun
    }

    private var profileName: String { profile ?? name }
    private var consent: ProfileWriter.Consent { isDryRun ? .dryRun : isForced ? .given : .asked }

    /// Writes the profile.
    package func write(_ client: Client) throws {
        try EntryName.check(name)
        try ProfileRules.requireDefaultVault(client)
        let files = try AWSFiles.ofUser()
        // What is to be written is checked before the vault is opened.
        _ = try writer(region: region, files, client.conversation)
        try write(in: files, for: client.access(), acceptingRollback: client.acceptsRollback)
    }

    /// Writes the profile, or takes the profile's own role over.
    func write(in files: AWSFiles, for vault: any VaultAccess, acceptingRollback: Bool) throws {
        if kind == .config,
            let takeover = try RoleTakeover(
                profileName, as: name, isAgentless: isAgentless, in: files, vault)
        {
            guard region == nil, output == nil else {
                throw Failure(
                    .usage, "--region and --output do not apply to a profile that assumes a role",
                    hint: "run 'sealring configure' again with them afterwards")
            }
            return try takeover.run(consent, vault, acceptingRollback: acceptingRollback)
        }
        let entries = try vault.entries()
        guard entries.isTaken(name) else { throw missing(in: files, vault) }
        let known = entries[name]?.region ?? RoleFacts.region(of: name, in: entries)
        let writer = try writer(region: region ?? known, files, vault.conversation)
        if !isDryRun {
            // A key is not taken out of a profile that cannot be written afterwards.
            if writer.hasOwnKeys { _ = try writer.previewWithoutOwnKeys() }
            try writer.clearOwnFile(into: vault, isAgreed: isForced, acceptingRollback: acceptingRollback)
        }
        let isWritten = try writer.write(consent)
        if isDryRun { return }
        guard isWritten else { throw Failure(.usage, "not confirmed: nothing was changed") }
        try writer.offerStaticKeys(into: vault, isAgreed: isForced, acceptingRollback: acceptingRollback)
        EnvironmentKeys.warn(vault.conversation)
    }

    private func writer(
        region: String?, _ files: AWSFiles, _ conversation: any Conversation
    ) throws -> ProfileWriter {
        // AWS clients read no region in the other file.
        try ProfileWriter(
            entry: name, profile: profileName, region: kind == .config ? region : nil, output: output,
            isForced: isForced, isAgentless: isAgentless, in: kind, of: files, conversation)
    }

    /// What to say of an entry that is not there: its key may still be in a file.
    private func missing(in files: AWSFiles, _ vault: any VaultAccess) -> any Error {
        for kind in [ConfigKind.credentials, .config] {
            let file = files[kind]
            guard (try? StaticKeyMove.isNeeded(profileName, in: file)) ?? false else { continue }
            return Failure(
                .missing, "no entry '\(name)' in the vault",
                hint:
                    "seal the plaintext key of its profile with 'sealring import \(file.path.shellQuoted.printable)'"
            )
        }
        return VaultError(.noSuchEntry(name), path: vault.location.path)
    }
}

extension ProfileConfiguration {
    /// Takes the profile away, and puts the file back as it was.
    package func remove(_ conversation: any Conversation) throws {
        try EntryName.check(name)
        try remove(from: .ofUser(), conversation)
    }

    func remove(from files: AWSFiles, _ conversation: any Conversation) throws {
        let file = files[kind]
        let path = file.path
        do {
            let profile = try ProfileName(profileName)
            let preview = try file.unconfigure(profile, undo: files.undo, dryRun: true)
            guard preview.removal != .nothing else {
                throw Failure(
                    .missing,
                    "the profile '\(profile.text.printable)' in \(path.printable) does not use Sealring",
                    hint: otherPlace(of: profile.text, in: files))
            }
            ProfileWriter.show(preview.outcome, conversation)
            if isDryRun { return }
            if let obstacle = preview.outcome.obstacle { throw obstacle }
            if !isForced { try conversation.require("Write this into \(path.printable)?") }
            let done = try file.unconfigure(profile, undo: files.undo)
            if case .commandOnly = done.removal {
                conversation.warn(
                    "removed only the credential_process line: what it replaced is unknown")
            }
            conversation.note("removed the profile '\(profile.text.printable)'")
        } catch let error as AWSConfigError {
            throw Failure(error, path: path)
        }
    }

    /// How to take the profile out of the other file, if it is there.
    private func otherPlace(of profile: String, in files: AWSFiles) -> String? {
        let other = files[kind == .config ? .credentials : .config]
        let isThere = (try? other.read().sealringProfiles.contains { same($0.profile, profile) }) ?? false
        guard isThere else { return nil }
        return kind == .credentials
            ? "it is in \(other.path.printable): remove --credentials-file"
            : "it is in \(other.path.printable): add --credentials-file"
    }
}
