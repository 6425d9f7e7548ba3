import AWSConfigFile
import ArgumentParser
import CredentialImport
import CredentialVault
import ProgramSupport

/// What `import` does about profiles in `~/.aws/config`.
struct ImportProfileOptions: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Write the profile into ~/.aws/config without asking, or do not.")
    var configure: Bool?

    @Option(help: "The profile's name; by default the entry's.")
    var profile: String?

    @Option(help: "The region of the entry and its profile.")
    var region: String?

    @Flag(help: "Let the profile derive the key at each call, for a service that has no agent.")
    var agentless = false

    /// Refuses what cannot work before anything is asked.
    func check(_ plan: ImportPlan, _ global: GlobalOptions) throws {
        if profile != nil, plan.items.count != 1 {
            throw Failure(.usage, "--profile goes with one key, and there are \(plan.items.count)")
        }
        if profile != nil, configure == false {
            throw Failure(.usage, "--profile and --no-configure exclude each other")
        }
        if configure == true {
            try ConfigureCommandRules.requireDefaultVault(global)
            for item in plan.items { _ = try writer(item, entry: item.name, isForced: false) }
        }
    }

    func configure(
        _ plan: ImportPlan, _ outcomes: [ImportPlan.Outcome], _ vault: any VaultAccess, global: GlobalOptions,
        isForced: Bool, isDryRun: Bool
    ) throws {
        guard configure != false else { return }
        let names = plan.names(outcomes)
        let wants = configure == true || isForced
        guard wants || (plan.items.count == 1 && Terminal() != nil) else {
            for name in names.prefix(3) {
                Console.hint("make a profile of it with 'sealring configure \(name)'")
            }
            return
        }
        guard try ConfigureCommandRules.isDefaultVault(global) else {
            Console.note(
                "no profile is offered: AWS clients start the helper without options, for the default vault")
            return
        }
        for (item, name) in zip(plan.items, names) {
            let writer = try writer(item, entry: name, isForced: isForced)
            let consent: ProfileWriter.Consent = isDryRun ? .dryRun : wants ? .given : .asked
            _ = try writer.write(consent)
            // The lines of a settings file that is being imported are the source's own affair.
            if isDryRun || item.source.document.format == .ini { continue }
            try writer.offerStaticKeys(
                into: vault, isAgreed: isForced, acceptingRollback: global.acceptRollback)
        }
    }

    private func writer(_ item: ImportPlan.Item, entry: String, isForced: Bool) throws -> ProfileWriter {
        try ProfileWriter(
            entry: entry, profile: profile ?? item.key.profile ?? entry, region: region ?? item.key.region,
            output: nil, isForced: isForced, isAgentless: agentless)
    }
}

/// What `configure` cannot do, whoever asks.
enum ConfigureCommandRules {
    static func isDefaultVault(_ global: GlobalOptions) throws -> Bool {
        try global.location().path == Paths.defaultVault()
    }

    /// AWS clients start the program without our options: it knows only the default vault.
    static func requireDefaultVault(_ global: GlobalOptions) throws {
        let (location, standard) = (try global.location().path, try Paths.defaultVault())
        guard try isDefaultVault(global) else {
            throw Failure(
                .usage,
                "a profile cannot name the vault \(location.printable): AWS clients start the helper without options",
                hint: "use the default vault, \(standard.printable)")
        }
    }
}
