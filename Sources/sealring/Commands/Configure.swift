import AWSConfigFile
import AWSConfigGrammar
import AWSValues
import ArgumentParser
import CredentialVault
import ProgramSupport
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

    @Argument(help: "Name of an entry or role.")
    var name: String

    @Option(help: "Profile name. (default: the entry's name)")
    var profile: String?

    @Option(help: "Region of the profile. (default: the entry's region)")
    var region: String?

    @Option(help: "Output format of the profile: json, text, table, yaml, yaml-stream or off.")
    var output: String?

    @Flag(help: "Derive the key at each call, for services without an agent.")
    var agentless = false

    @Flag(help: "Write to ~/.aws/credentials instead of ~/.aws/config.")
    var credentialsFile = false

    @Flag(help: "Remove the profile.")
    var remove = false

    @Flag(help: "Show what would change, and change nothing.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask, and replace another program's credential_process.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    func validate() throws {
        if remove, region != nil || output != nil || agentless {
            throw ValidationError("--remove goes without --region, --output and --agentless")
        }
        if credentialsFile, region != nil || output != nil {
            throw ValidationError(
                "--region and --output belong into ~/.aws/config: they exclude --credentials-file")
        }
    }

    func run() throws {
        try EntryName.check(name)
        if remove { return try takeOut() }
        try ProfileRules.requireDefaultVault(global.client())
        _ = try writer(region: credentialsFile ? nil : region)
        let vault = try global.access()
        if !credentialsFile,
            let takeover = try RoleTakeover(
                profile ?? name, as: name, isAgentless: agentless, in: .ofUser(), vault)
        {
            guard region == nil, output == nil else {
                throw Failure(
                    .usage, "a profile that assumes a role is taken over as it is",
                    hint: "set --region and --output afterwards")
            }
            return try takeover.run(
                dryRun ? .dryRun : force ? .given : .asked, vault, acceptingRollback: global.acceptRollback)
        }
        let entries = try vault.entries()
        guard entries.isTaken(name) else { throw missing(vault) }
        let known = entries[name]?.region ?? RoleFacts.region(of: name, in: entries)
        let writer = try writer(region: credentialsFile ? nil : region ?? known)
        if !dryRun {
            // A key is not taken out of a profile that cannot be written afterwards.
            if writer.hasOwnKeys { _ = try writer.previewWithoutOwnKeys() }
            try writer.clearOwnFile(
                into: vault, isAgreed: force, acceptingRollback: global.acceptRollback)
        }
        let isWritten = try writer.write(dryRun ? .dryRun : force ? .given : .asked)
        if dryRun { return }
        guard isWritten else { throw Failure(.usage, "not confirmed: nothing was changed") }
        try writer.offerStaticKeys(into: vault, isAgreed: force, acceptingRollback: global.acceptRollback)
        EnvironmentKeys.warn(conversation)
    }

    /// Checks what is to be written, which needs no vault.
    private func writer(region: String?) throws -> ProfileWriter {
        try ProfileWriter(
            entry: name, profile: profile ?? name, region: region, output: output, isForced: force,
            isAgentless: agentless, in: kind, of: .ofUser(), conversation)
    }

    /// What to say of an entry that is not there: its key may still be in a file.
    private func missing(_ vault: any VaultAccess) -> any Error {
        for kind in [ConfigKind.credentials, .config] {
            guard let file = try? ConfigFile(kind),
                (try? StaticKeyMove.isNeeded(profile ?? name, in: file)) ?? false
            else { continue }
            return Failure(
                .missing, "no entry '\(name)' in the vault",
                hint:
                    "seal the plaintext key of its profile with 'sealring import \(file.path.shellQuoted.printable)'"
            )
        }
        return VaultError(.noSuchEntry(name), path: vault.location.path)
    }

    private var kind: ConfigKind { credentialsFile ? .credentials : .config }

    private func takeOut() throws {
        let file = try ConfigFile(kind)
        let path = file.path
        let undo = UndoStore(directory: try Paths.stateDirectory() + "/profiles")
        do {
            let profile = try ProfileName(self.profile ?? name)
            let preview = try file.unconfigure(profile, undo: undo, dryRun: true)
            guard preview.removal != .nothing else {
                throw Failure(
                    .missing,
                    "the profile '\(profile.text.printable)' of \(path.printable) does not run sealring",
                    hint: try otherPlace(of: profile.text))
            }
            ProfileWriter.show(preview.outcome, conversation)
            if dryRun { return }
            if let obstacle = preview.outcome.obstacle { throw obstacle }
            if !force { try conversation.require("Write this into \(path.printable)?") }
            let done = try file.unconfigure(profile, undo: undo)
            if case .commandOnly = done.removal {
                Console.warn(
                    "only the credential_process line was removed: what it replaced is not known any more"
                )
            }
            Console.note("removed the profile '\(profile.text.printable)'")
        } catch let error as AWSConfigError {
            throw Failure(error, path: path)
        }
    }

    /// How to take the profile out of the other file, if it is there.
    private func otherPlace(of profile: String) throws -> String? {
        let other = try ConfigFile(credentialsFile ? .config : .credentials)
        let isThere = (try? other.read().sealringProfiles.contains { same($0.profile, profile) }) ?? false
        guard isThere else { return nil }
        return credentialsFile
            ? "it is in \(other.path.printable): leave --credentials-file out"
            : "it is in \(other.path.printable): give --credentials-file"
    }
}
