import AWSConfigFile
import ArgumentParser
import AWSConfigGrammar
import CredentialVault
import ProgramSupport

struct Configure: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write or remove the profile of an entry or a role in ~/.aws/config.",
        discussion: """
            The change is shown as a diff and asked; everything else in the file stays as it is to the byte. \
            --remove puts the file back as it was.

            A profile that assumes a role by itself (role_arn, source_profile) is taken over together with the \
            profiles that it leads to: their roles and keys are moved into the vault.
            """)

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The name of an entry or a role.")
    var name: String

    @Option(help: "The profile's name; by default the entry's.")
    var profile: String?

    @Option(help: "The profile's region; by default the entry's.")
    var region: String?

    @Option(help: "The profile's output format: json, text, table, yaml, yaml-stream or off.")
    var output: String?

    @Flag(help: "Derive the key at each call, for a service that has a passphrase file and no agent.")
    var agentless = false

    @Flag(help: "Take the profile out again.")
    var remove = false

    @Flag(help: "Only show what would be changed.")
    var dryRun = false

    @Flag(name: .shortAndLong, help: "Do not ask; replace another program's credential_process.")
    var force = false

    func validate() throws {
        if remove, region != nil || output != nil || agentless {
            throw ValidationError("--remove goes without --region, --output and --agentless")
        }
    }

    func run() throws {
        try EntryName.check(name)
        if remove { return try takeOut() }
        try ConfigureCommandRules.requireDefaultVault(global)
        let vault = try global.access()
        if let takeover = try RoleTakeover(profile ?? name, as: name, isAgentless: agentless, vault) {
            guard region == nil, output == nil else {
                throw Failure(
                    .usage, "a profile that assumes a role is taken over as it is",
                    hint: "set --region and --output afterwards")
            }
            return try takeover.run(
                dryRun ? .dryRun : force ? .given : .asked, vault, acceptingRollback: global.acceptRollback)
        }
        let entries = try vault.entries()
        guard entries.isTaken(name) else { throw VaultError(.noSuchEntry(name), path: vault.location.path) }
        let known = entries[name]?.region ?? RoleFacts.region(of: name, in: entries)
        let writer = try ProfileWriter(
            entry: name, profile: profile ?? name, region: region ?? known, output: output,
            isForced: force, isAgentless: agentless)
        let isWritten = try writer.write(dryRun ? .dryRun : force ? .given : .asked)
        if dryRun { return }
        guard isWritten else { throw Failure(.usage, "not confirmed: nothing was changed") }
        try writer.offerStaticKeys(into: vault, isAgreed: force, acceptingRollback: global.acceptRollback)
    }

    private func takeOut() throws {
        let path = try Paths.awsConfig()
        let file = ConfigFile(path: path, kind: .config)
        let undo = UndoStore(directory: try Paths.stateDirectory() + "/profiles")
        do {
            let profile = try ProfileName(self.profile ?? name)
            let preview = try file.unconfigure(profile, undo: undo, dryRun: true)
            guard preview.removal != .nothing else {
                throw Failure(
                    .missing,
                    "the profile '\(profile.text.printable)' of \(path.printable) does not run sealring")
            }
            ProfileWriter.show(preview.outcome)
            if dryRun { return }
            if !force { try Confirmation.require("Write this into \(path.printable)?") }
            let done = try file.unconfigure(profile, undo: undo)
            if case .commandOnly = done.removal {
                Console.warn(
                    "only the credential_process line was removed: what stood there before is not known any more"
                )
            }
            Console.note("removed the profile '\(profile.text.printable)'")
        } catch let error as AWSConfigError {
            throw Failure(error, path: path)
        }
    }
}
