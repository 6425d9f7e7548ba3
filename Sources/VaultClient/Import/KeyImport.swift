import AWSConfigFile
import CredentialImport
import CredentialVault
import ProgramSupport

/// What is imported, and how.
package struct ImportRequest {
    /// The paths of files, `-` for stdin; nil for the variables of the environment.
    package let files: [String]?
    /// The entry's name; nil for the profile, the user or the file's name.
    package let name: String?
    /// Whether an entry of the same name or key is overwritten.
    package let replaces: Bool
    /// Whether the sources are deleted at the end.
    package let deletesSource: Bool
    /// Whether what cannot be sealed is left out instead of being an error.
    package let skipsInvalid: Bool
    /// Whether short secrets are taken, and what would be asked is answered with yes.
    package let isForced: Bool
    package let isDryRun: Bool
    package let profiles: ImportProfiles

    package init(
        files: [String]?, name: String?, replaces: Bool, deletesSource: Bool, skipsInvalid: Bool,
        isForced: Bool, isDryRun: Bool, profiles: ImportProfiles
    ) {
        self.files = files
        self.name = name
        self.replaces = replaces
        self.deletesSource = deletesSource
        self.skipsInvalid = skipsInvalid
        self.isForced = isForced
        self.isDryRun = isDryRun
        self.profiles = profiles
    }
}

/// Seals the keys of files, writes their profiles and takes the plaintext away.
package struct KeyImport {
    let request: ImportRequest
    let client: Client

    var conversation: any Conversation { client.conversation }

    package init(_ request: ImportRequest, _ client: Client) {
        self.request = request
        self.client = client
    }

    package func run() throws {
        if request.deletesSource, let stream = request.files?.first(where: SecretFile.isDescriptor) {
            throw Failure(
                .usage, "--delete-source cannot delete \(stream == "-" ? "stdin" : stream.printable)",
                hint: "name the file itself, or leave out --delete-source")
        }
        let sources =
            try request.files?.map { try ImportSource.read($0, acceptsShortSecrets: request.isForced) }
            ?? [ImportSource.environment(acceptsShortSecrets: request.isForced)]
        var leftOut = try requireUsable(sources)
        // At the end, where they are not overlooked.
        defer { for line in leftOut { conversation.warn("left out: \(line)") } }
        var plan = try ImportPlan(sources, name: request.name, skippingInvalid: request.skipsInvalid)
        leftOut += plan.leftOut + sources.flatMap(\.leftOutRoles)
        for item in plan.items {
            for warning in item.key.warnings { conversation.warn("\(item.place): \(warning.text)") }
        }
        try request.profiles.check(
            plan, client, isForced: request.isForced, isDryRun: request.isDryRun,
            deletesSource: request.deletesSource)
        let vault = try client.access()
        let outcomes = try seal(&plan, into: vault, leavingOut: &leftOut)
        let sealed = try vault.entries()
        report(plan, outcomes, sealed)
        RequestSettings.warn(unknownRegion: request.profiles.region, conversation)
        let names = outcomes.map(\.name)
        reportSettings(plan, names, sealed)
        var profiles = try request.profiles.configure(
            plan, names, vault, client: client, isForced: request.isForced, isDryRun: request.isDryRun,
            deletesSource: request.deletesSource)
        profiles.removesKeys = request.deletesSource
        if request.isDryRun {
            if request.deletesSource {
                SourceRemoval.preview(
                    sources, plan, kept: profiles.kept,
                    losesProfiles: request.profiles.configure == false, conversation)
            }
        } else {
            try finish(plan, sealedAs: names, from: sources, profiles, in: vault)
        }
        try request.profiles.report(
            profiles, plan, keysLeftOut: leftOut.count, isDryRun: request.isDryRun, conversation)
    }

    /// Takes the plaintext away, and names what is left of it.
    private func finish(
        _ plan: ImportPlan, sealedAs names: [String], from sources: [ImportSource],
        _ profiles: ImportProfiles.Results, in vault: any VaultAccess
    ) throws {
        if request.deletesSource {
            guard !profiles.isDeclined else {
                throw Failure(
                    .usage, "you declined the profile: nothing was deleted",
                    hint: "to delete the source without a profile, add --no-configure")
            }
            try SourceRemoval.run(sources, plan, names: names, vault: vault, kept: profiles.kept)
        }
        // What is still in plaintext after that wins over the profiles.
        for writer in profiles.written {
            try writer.offerStaticKeys(
                into: vault, isAgreed: request.isForced, acceptingRollback: client.acceptsRollback)
        }
        EnvironmentKeys.warn(conversation)
        if !request.deletesSource { reportPlaintext(sources) }
    }

    /// Decides about all keys before any of them is sealed, and seals them at once.
    ///
    /// - Parameter leftOut: gets what the vault cannot take, where that is no error.
    func seal(
        _ plan: inout ImportPlan, into vault: any VaultAccess, leavingOut leftOut: inout [String]
    ) throws -> [ImportPlan.Outcome] {
        let (replaces, region) = (request.replaces, request.profiles.region)
        let first = try unsafe plan.decide(
            on: vault.entries(), replacing: replaces, region: region, vault.holds)
        if let conflict = first.conflicts.first {
            guard request.skipsInvalid else { throw conflict.failure }
            guard first.conflicts.count < plan.items.count else {
                for other in first.conflicts.dropFirst() {
                    conversation.warn("left out: \(other.failure.message)")
                }
                throw conflict.failure
            }
            plan.leaveOut(first.conflicts.map(\.place))
            leftOut += first.conflicts.map(\.failure.message)
        }
        guard first.decisions.contains(where: { $0.entry != nil }) else {
            return first.decisions.map(\.outcome)
        }
        let wanted = plan
        return try unsafe vault.update(
            acceptingRollback: client.acceptsRollback || request.isDryRun, isDryRun: request.isDryRun
        ) { entries, isSame, changes in
            // Another program may have changed the vault meanwhile.
            let now = try unsafe wanted.decide(
                on: entries, replacing: replaces, region: region, isSame)
            if let conflict = now.conflicts.first { throw conflict.failure }
            for decision in now.decisions { try decision.add(to: &changes) }
            return now.decisions.map(\.outcome)
        }
    }

    /// - Returns: what is left out, and why.
    private func requireUsable(_ sources: [ImportSource]) throws -> [String] {
        var problems: [String] = []
        for source in sources {
            for note in source.document.notes { conversation.warn("\(source.name.printable): \(note)") }
            for problem in source.document.problems {
                let line = "\(source.name.printable), line \(problem.line): \(problem.reason)"
                if !request.skipsInvalid { conversation.note(line) }
                problems.append(line)
            }
        }
        if !problems.isEmpty, !request.skipsInvalid {
            throw Failure(
                .malformed,
                "\(problems.count) bad \(problems.count == 1 ? "row" : "rows"): nothing was imported",
                hint: "fix the file, or skip bad rows with --skip-invalid")
        }
        // From a settings file only the lines of sealed keys go; another one would go whole.
        if request.deletesSource,
            sources.contains(where: { !$0.document.problems.isEmpty && $0.document.format != .ini })
        {
            throw Failure(
                .usage, "--delete-source would lose the rows that --skip-invalid leaves out",
                hint: "give one of the two")
        }
        guard sources.contains(where: { !$0.document.keys.isEmpty }) else {
            for line in problems { conversation.warn("left out: \(line)") }
            throw Failure(.malformed, "no usable key: nothing was imported")
        }
        return problems
    }
}
