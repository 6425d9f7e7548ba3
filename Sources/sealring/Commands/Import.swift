import ArgumentParser
import CredentialImport
import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory
import VaultClient

struct Import: ParsableCommand, ConfirmingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Import access keys from a CSV, JSON, .env or AWS credentials file.",
        discussion: """
            The format is detected from the content of each file. If any row is invalid, nothing is imported. When \
            there is one key, the change to ~/.aws/config is shown as a diff and confirmed first. --delete-source \
            removes a key from ~/.aws only if its profile is written or --no-configure is given.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var profile: ImportProfileOptions

    @Argument(help: "Files to import; '-' reads stdin.", completion: .file())
    var files: [String] = []

    @Flag(help: "Import the key from AWS_ACCESS_KEY_ID and the related variables.")
    var fromEnv = false

    @Option(help: "Entry name. (default: the profile, user or file name)")
    var name: String?

    @Flag(help: "Replace an entry with the same name or key ID.")
    var replace = false

    @Flag(help: "Delete the files after the keys are saved and verified.")
    var deleteSource = false

    @Flag(help: "Skip invalid rows, and list them at the end.")
    var skipInvalid = false

    @Flag(name: .shortAndLong, help: "Answer yes to every question, and accept short secrets.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    @Flag(help: "Show what would change, and change nothing.")
    var dryRun = false

    func validate() throws {
        guard fromEnv != !files.isEmpty else {
            throw ValidationError(
                fromEnv ? "--from-env goes without files" : "name a file, or give --from-env")
        }
        if fromEnv, name == nil { throw ValidationError("--from-env needs --name") }
        if fromEnv, deleteSource { throw ValidationError("--delete-source needs a file") }
    }

    func run() throws {
        if deleteSource, let stream = files.first(where: SecretFile.isDescriptor) {
            throw Failure(
                .usage, "--delete-source cannot delete \(stream == "-" ? "stdin" : stream.printable)",
                hint: "name the file itself, or leave out --delete-source")
        }
        let sources =
            fromEnv
            ? [try ImportSource.environment(acceptsShortSecrets: force)]
            : try files.map { try ImportSource.read($0, acceptsShortSecrets: force) }
        var leftOut = try requireUsable(sources)
        // At the end, where they are not overlooked.
        defer { for line in leftOut { Console.warn("left out: \(line)") } }
        var plan = try ImportPlan(sources, name: name, skippingInvalid: skipInvalid)
        leftOut += plan.leftOut + sources.flatMap(\.leftOutRoles)
        for item in plan.items {
            for warning in item.key.warnings { Console.warn("\(item.place): \(warning.text)") }
        }
        try profile.request.check(
            plan, global.client(), isForced: force, isDryRun: dryRun, deletesSource: deleteSource)
        let vault = try global.access()
        if skipInvalid {
            leftOut += try plan.leaveOutConflicts(in: vault, replacing: replace, region: profile.region)
        }
        let outcomes = try seal(plan, into: vault)
        try report(plan, outcomes, vault)
        let names = plan.names(outcomes)
        try tellOfSettings(plan, names, vault)
        var profiles = try profile.request.configure(
            plan, names, vault, client: global.client(), isForced: force, isDryRun: dryRun,
            deletesSource: deleteSource)
        profiles.removesKeys = deleteSource
        if dryRun {
            if deleteSource {
                SourceRemoval.preview(
                    sources, plan, kept: profiles.kept, losesProfiles: profile.configure == false,
                    conversation)
            }
            return try profile.request.report(
                profiles, plan, keysLeftOut: leftOut.count, isDryRun: true, conversation)
        }
        if deleteSource {
            guard !profiles.isDeclined else {
                throw Failure(
                    .usage, "the profile was declined: nothing was deleted",
                    hint: "to delete the source without a profile, add --no-configure")
            }
            try SourceRemoval.run(sources, plan, names: names, vault: vault, kept: profiles.kept)
        }
        // What is still in plaintext after that wins over the profiles.
        for writer in profiles.written {
            try writer.offerStaticKeys(
                into: vault, isAgreed: force, acceptingRollback: global.acceptRollback)
        }
        EnvironmentKeys.warn(conversation)
        if !deleteSource { tellOfPlaintext(sources) }
        try profile.request.report(profiles, plan, keysLeftOut: leftOut.count, isDryRun: false, conversation)
    }

    private func seal(_ plan: ImportPlan, into vault: any VaultAccess) throws -> [ImportPlan.Outcome] {
        let (replace, region) = (self.replace, profile.region)
        let expected = try unsafe vault.update(acceptingRollback: true, isDryRun: true) {
            entries, isSame, changes in
            try unsafe plan.changes(on: entries, isSame, replacing: replace, region: region, into: &changes)
        }
        let changesNothing = expected.allSatisfy { if case .alreadySealed = $0 { true } else { false } }
        if dryRun || changesNothing { return expected }
        let accepts = global.acceptRollback
        return try unsafe vault.update(acceptingRollback: accepts, isDryRun: false) {
            entries, isSame, changes in
            try unsafe plan.changes(on: entries, isSame, replacing: replace, region: region, into: &changes)
        }
    }

    /// - Returns: what is left out, and why.
    private func requireUsable(_ sources: [ImportSource]) throws -> [String] {
        var problems: [String] = []
        for source in sources {
            for note in source.document.notes { Console.warn("\(source.name.printable): \(note)") }
            for problem in source.document.problems {
                let line = "\(source.name.printable), line \(problem.line): \(problem.reason)"
                if !skipInvalid { Console.error("sealring: \(line)") }
                problems.append(line)
            }
        }
        if !problems.isEmpty, !skipInvalid {
            throw Failure(
                .malformed,
                "\(problems.count) bad \(problems.count == 1 ? "row" : "rows"): nothing was imported",
                hint: "fix the file, or skip bad rows with --skip-invalid")
        }
        // From a settings file only the lines of sealed keys go; another one would go whole.
        if deleteSource,
            sources.contains(where: { !$0.document.problems.isEmpty && $0.document.format != .ini })
        {
            throw Failure(
                .usage, "--delete-source would lose the rows that --skip-invalid leaves out",
                hint: "give one of the two")
        }
        guard sources.contains(where: { !$0.document.keys.isEmpty }) else {
            for line in problems { Console.warn("left out: \(line)") }
            throw Failure(.malformed, "no usable key: nothing was imported")
        }
        return problems
    }

    private func report(
        _ plan: ImportPlan, _ outcomes: [ImportPlan.Outcome], _ vault: any VaultAccess
    ) throws {
        let would = dryRun ? "would be " : ""
        for (item, outcome) in zip(plan.items, outcomes) {
            let account = item.key.accountID.map { ", account \($0)" } ?? ""
            switch outcome {
            case .sealed(let name):
                Console.note("\(would)sealed \(name) (\(item.key.accessKeyID)\(account))")
                if let text = item.changedText {
                    Console.note(
                        "'\(text.printable)' became the entry name '\(name)': names have A to Z, a to z, 0 to 9 and ._@+/-"
                    )
                    if !dryRun { Console.hint("choose another with 'sealring rename \(name) NEW'") }
                }
            case .replaced(let old, let name):
                let id = item.key.accessKeyID
                let what = old.accessKeyID == id ? "the secret of \(id)" : "\(old.accessKeyID) with \(id)"
                Console.note("\(would)replaced \(what) in \(old.name)\(account)")
                if old.name != name { tellOfNewName(old.name, name, would) }
            case .alreadySealed(let name):
                Console.note("\(item.key.accessKeyID) is already sealed as \(name)")
                if let given = self.name, given != name { try hintAtRename(name, given, vault) }
            }
        }
    }

    /// An entry that gets another name leaves its profiles behind, as with `rename`.
    private func tellOfNewName(_ old: String, _ new: String, _ would: String) {
        Console.note("\(would)renamed \(old.printable) to \(new)")
        ProfileIndex.read().warnOfRename(from: old, to: new, conversation)
    }

    private func hintAtRename(_ name: String, _ given: String, _ vault: any VaultAccess) throws {
        if try vault.entries().isTaken(given) {
            Console.hint("--name was not used; '\(given)' is another entry or role of the vault")
        } else {
            Console.hint("--name was not used; rename the entry with 'sealring rename \(name) \(given)'")
        }
    }

    /// What became of the settings beside the keys.
    private func tellOfSettings(_ plan: ImportPlan, _ names: [String], _ vault: any VaultAccess) throws {
        let sealed = dryRun ? nil : try vault.entries()
        for (item, name) in zip(plan.items, names) {
            guard let beside = item.beside else { continue }
            beside.tell(of: sealed?[name] ?? item.entry(region: profile.region), conversation)
        }
    }

    private func tellOfPlaintext(_ sources: [ImportSource]) {
        for source in sources where source.isFile {
            let file = source.name.printable
            guard source.document.format == .ini else {
                Console.hint(
                    "\(file) still holds the secret in plaintext: delete it, or import with --delete-source")
                continue
            }
            // Only the lines of keys go from a settings file, and those may be gone already.
            if source.stillHoldsKeys {
                Console.hint("\(file) still holds plaintext keys: remove them with --delete-source")
            }
        }
    }
}
