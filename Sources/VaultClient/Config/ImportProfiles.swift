import AWSConfigFile
import AWSConfigGrammar
import CredentialImport
import CredentialVault
package import ProgramSupport

/// What `import` does about profiles in `~/.aws/config`.
package struct ImportProfiles {
    /// Whether profiles are written without asking, or not at all; nil asks.
    package let configure: Bool?
    /// The profile's name; nil for the one that the key came from, or the entry's.
    package let profile: String?
    /// The region of the entry and its profile.
    package let region: String?
    /// Whether the profile derives the key at each call, for a service that has no agent.
    package let isAgentless: Bool

    package init(configure: Bool?, profile: String?, region: String?, isAgentless: Bool) {
        self.configure = configure
        self.profile = profile
        self.region = region
        self.isAgentless = isAgentless
    }

    /// What became of the profiles.
    package struct Results {
        /// The profiles that are as asked.
        package var written: [ProfileWriter] = []
        /// The items whose profile could not be written, and why.
        package var leftOut: [(item: Int, failure: Failure)] = []
        /// The items whose lines were removed already.
        var cleared: Set<Int> = []
        package var isDeclined = false
        /// Whether plaintext keys are removed afterwards.
        package var removesKeys = false

        /// The items whose plaintext stays.
        package var kept: Set<Int> { cleared.union(leftOut.map(\.item)) }
    }

    /// Refuses what cannot work before anything is asked. One of several profiles that cannot be written is
    /// left out later, and holds nothing up.
    package func check(
        _ plan: ImportPlan, _ client: Client, isForced: Bool, isDryRun: Bool, deletesSource: Bool
    ) throws {
        if let region { _ = try RequestSettings.region(region) }
        try ProfileRules.checkName(profile)
        if profile != nil, plan.items.count != 1 {
            throw Failure(.usage, "--profile needs exactly one key, but there are \(plan.items.count)")
        }
        if profile != nil, configure == false {
            throw Failure(.usage, "--profile and --no-configure cannot be used together")
        }
        if configure == true {
            try ProfileRules.requireDefaultVault(client)
            if plan.items.count == 1 {
                _ = try writer(plan.items[0], entry: plan.items[0].name, isForced: false, client.conversation)
            }
        }
        guard deletesSource else { return }
        do {
            try requireProfiles(plan, client, isForced: isForced)
        } catch let failure as Failure where isDryRun {
            client.conversation.warn("would be refused: \(failure.message)")
            if let hint = failure.hint { client.conversation.hint(hint) }
        }
    }

    package func configure(
        _ plan: ImportPlan, _ names: [String], _ vault: any VaultAccess, client: Client,
        isForced: Bool, isDryRun: Bool, deletesSource: Bool
    ) throws -> Results {
        var results = Results()
        guard configure != false else { return results }
        let wants = configure == true || isForced
        let losesKeys = deletesSource && plan.items.contains { $0.key.profile != nil }
        guard wants || losesKeys || (plan.items.count == 1 && client.conversation.canAsk) else {
            hint(plan, names, client.conversation)
            return results
        }
        guard try ProfileRules.isDefaultVault(client) else {
            client.conversation.note(
                "no profile was offered: profiles work only with the default vault")
            return results
        }
        if losesKeys, !wants {
            return try configureTogether(plan, names, vault, client: client, isDryRun: isDryRun)
        }
        // Looked at before any of them is edited, which makes another file of it.
        let config = try Paths.awsConfig()
        let isOfConfig = plan.items.map { $0.source.isSameFile(as: config) }
        let consent: ProfileWriter.Consent = isDryRun ? .dryRun : wants ? .given : .asked
        for (index, (item, name)) in zip(plan.items, names).enumerated() {
            do {
                let writer = try writer(item, entry: name, isForced: isForced, client.conversation)
                if item.source.document.format == .ini, writer.hasOwnKeys {
                    // Beside the key the profile cannot be written, so its lines go first: but only for a
                    // profile that can be written then.
                    let preview = try writer.previewWithoutOwnKeys()
                    if isDryRun {
                        if let preview { ProfileWriter.show(preview, client.conversation) }
                        continue
                    }
                    try writer.clearOwnFile(
                        into: vault, isAgreed: isForced || deletesSource,
                        acceptingRollback: client.acceptsRollback)
                    guard !writer.hasOwnKeys else { throw keyStillThere(item, writer) }
                    if isOfConfig[index] { results.cleared.insert(index) }
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

    /// The commands that write the profiles of keys that were sealed, where they are not there already.
    private func hint(_ plan: ImportPlan, _ names: [String], _ conversation: any Conversation) {
        let limit = 10
        let index = ProfileIndex.read()
        let missing = zip(plan.items, names).filter { item, name in
            profile == nil && item.key.profile == nil
                ? index[name].isEmpty
                : !index[name].contains { same($0, profile ?? item.key.profile ?? name) }
        }
        for (item, name) in missing.prefix(limit) {
            let profile = self.profile ?? item.key.profile ?? name
            let command = ProfileWriter.command(entry: name, profile: profile)
            conversation.hint("write a profile for \(name) with '\(command)'")
        }
        if missing.count > limit {
            conversation.hint(
                "\(missing.count - limit) more keys have no profile yet: 'sealring list' shows them")
        }
    }

    private func keyStillThere(_ item: ImportPlan.Item, _ writer: ProfileWriter) -> Failure {
        let path = writer.file.path
        return Failure(
            .exists,
            "\(path.printable): the profile '\(writer.name.text.printable)' still holds its plaintext key, so the profile was not written",
            hint:
                "remove the key and write the profile with 'sealring import \((item.source.path ?? path).shellQuoted.printable) --configure --delete-source'"
        )
    }

    /// Names what was left out, last.
    ///
    /// - Parameter keysLeftOut: how many keys were not sealed.
    package func report(
        _ results: Results, _ plan: ImportPlan, keysLeftOut: Int, isDryRun: Bool,
        _ conversation: any Conversation
    ) throws {
        for (index, failure) in results.leftOut {
            let item = plan.items[index]
            let profile = profile ?? item.key.profile ?? item.name
            conversation.warn("left out the profile '\(profile.printable)': \(failure.message)")
            if results.removesKeys, item.key.profile != nil {
                conversation.note("its key stays in \(item.source.name.printable)")
            }
            if let hint = failure.hint { conversation.hint(hint) }
        }
        guard let first = results.leftOut.first else { return }
        let count = results.leftOut.count
        let sealed = plan.items.count { !$0.isTwin }
        let keys =
            isDryRun
            ? "nothing was changed"
            : keysLeftOut == 0
                ? "all keys are sealed"
                : "keys sealed: \(sealed), left out: \(keysLeftOut)"
        throw Failure(
            first.failure.code,
            "\(count) of \(plan.items.count) profiles \(isDryRun ? "cannot" : "could not") be written; \(keys)",
            hint: "fix what is named above, then run 'sealring configure NAME'")
    }

    package func writer(
        _ item: ImportPlan.Item, entry: String, isForced: Bool, _ conversation: any Conversation
    ) throws -> ProfileWriter {
        try ProfileWriter(
            entry: entry, profile: profile ?? item.key.profile ?? entry, region: region ?? item.key.region,
            output: nil, isForced: isForced, isAgentless: isAgentless, of: .ofUser(), conversation)
    }
}

/// What `configure` cannot do, whoever asks.
package enum ProfileRules {
    package static func checkName(_ profile: String?) throws {
        guard let profile else { return }
        do { _ = try ProfileName(profile) } catch { throw Failure(error, path: nil) }
    }

    static func isDefaultVault(_ client: Client) throws -> Bool {
        try client.location.path == Paths.defaultVault()
    }

    /// AWS clients start the program without our options: it knows only the default vault.
    package static func requireDefaultVault(_ client: Client) throws {
        let (location, standard) = (client.location.path, try Paths.defaultVault())
        guard try isDefaultVault(client) else {
            throw Failure(
                .usage,
                "profiles work only with the default vault, not with \(location.printable)",
                hint: "use the default vault, \(standard.printable)")
        }
    }
}
