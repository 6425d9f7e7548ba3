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

    /// What became of the profiles.
    struct Results {
        /// The profiles that are as asked.
        var written: [ProfileWriter] = []
        /// The items whose profile could not be written, and why.
        var leftOut: [(item: Int, failure: Failure)] = []
        /// The items whose lines were removed already.
        var cleared: Set<Int> = []
        var isDeclined = false

        /// The items whose plaintext stays.
        var kept: Set<Int> { cleared.union(leftOut.map(\.item)) }
    }

    /// Refuses what cannot work before anything is asked. One of several profiles that cannot be written is
    /// left out later, and holds nothing up.
    func check(_ plan: ImportPlan, _ global: GlobalOptions) throws {
        if let region { _ = try RequestOptions.region(region) }
        if profile != nil, plan.items.count != 1 {
            throw Failure(.usage, "--profile goes with one key, and there are \(plan.items.count)")
        }
        if profile != nil, configure == false {
            throw Failure(.usage, "--profile and --no-configure exclude each other")
        }
        if let region { _ = try RequestOptions.region(region) }
        if configure == true {
            try ConfigureCommandRules.requireDefaultVault(global)
            if plan.items.count == 1 {
                _ = try writer(plan.items[0], entry: plan.items[0].name, isForced: false)
            }
        }
    }

    func configure(
        _ plan: ImportPlan, _ names: [String], _ vault: any VaultAccess, global: GlobalOptions,
        isForced: Bool, isDryRun: Bool, deletesSource: Bool
    ) throws -> Results {
        var results = Results()
        guard configure != false else { return results }
        let wants = configure == true || isForced
        guard wants || (plan.items.count == 1 && Terminal() != nil) else {
            for name in names.prefix(3) {
                Console.hint("make a profile of it with 'sealring configure \(name)'")
            }
            return results
        }
        guard try ConfigureCommandRules.isDefaultVault(global) else {
            Console.note(
                "no profile is offered: AWS clients start the helper without options, for the default vault")
            return results
        }
        // Looked at before any of them is edited, which makes another file of it.
        let config = try Paths.awsConfig()
        let isOfConfig = plan.items.map { $0.source.isSameFile(as: config) }
        let consent: ProfileWriter.Consent = isDryRun ? .dryRun : wants ? .given : .asked
        for (index, (item, name)) in zip(plan.items, names).enumerated() {
            do {
                let writer = try writer(item, entry: name, isForced: isForced)
                if !isDryRun, item.source.document.format == .ini, writer.hasOwnKeys {
                    // Beside the key the profile cannot be written, so its lines go first.
                    try writer.clearOwnFile(
                        into: vault, isAgreed: isForced || deletesSource,
                        acceptingRollback: global.acceptRollback)
                    if isOfConfig[index], !writer.hasOwnKeys { results.cleared.insert(index) }
                }
                if try writer.write(consent) {
                    results.written.append(writer)
                } else if !isDryRun {
                    results.isDeclined = true
                }
            } catch let failure as Failure where plan.items.count > 1 {
                results.leftOut.append((index, failure))
            }
        }
        return results
    }

    /// Names what was left out, last.
    func report(_ results: Results, _ plan: ImportPlan) throws {
        for (index, failure) in results.leftOut {
            let item = plan.items[index]
            let profile = profile ?? item.key.profile ?? item.name
            Console.warn("left out the profile '\(profile.printable)': \(failure.message)")
            if let hint = failure.hint { Console.hint(hint) }
        }
        guard let first = results.leftOut.first else { return }
        let count = results.leftOut.count
        throw Failure(
            first.failure.code,
            "\(count) of \(plan.items.count) profiles could not be written; all keys are sealed",
            hint: "fix what is named above, then run 'sealring configure NAME'")
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
