import AWSConfigFile
import AWSConfigGrammar
import CredentialImport
import CredentialVault
import ProgramSupport

/// Profiles whose plaintext key is about to be removed: without a new source of credentials they would break.
extension ImportProfiles {
    /// Refuses to remove keys whose profiles would not be written, unless that was asked for.
    func requireProfiles(_ plan: ImportPlan, _ client: Client, isForced: Bool) throws {
        let profiles = plan.items.compactMap { item in item.key.profile.map { ($0, item.source.name) } }
        guard configure != false, let (first, file) = profiles.first else { return }
        let what =
            profiles.count == 1
            ? "the profile '\(first.printable)'" : "\(profiles.count) profiles of \(file.printable)"
        let refusal = "--delete-source would leave \(what) without credentials"
        guard try ProfileRules.isDefaultVault(client) else {
            throw Failure(
                .usage, "\(refusal): AWS clients use the default vault only",
                hint: "to remove the keys all the same, add --no-configure")
        }
        if let profile, !same(profile, first) {
            throw Failure(
                .usage, "\(refusal): --profile writes '\(profile.printable)' instead",
                hint: "leave out --profile or --delete-source")
        }
        guard configure == true || isForced || client.conversation.canAsk else {
            throw Failure(
                .usage, refusal,
                hint:
                    "add --configure to write the profiles, or --no-configure to remove the keys all the same"
            )
        }
    }

    /// Shows all profiles, asks once, and writes them.
    func configureTogether(
        _ plan: ImportPlan, _ names: [String], _ vault: any VaultAccess, client: Client,
        isDryRun: Bool
    ) throws -> Results {
        var results = Results()
        var offered: [(item: Int, writer: ProfileWriter)] = []
        func leavingOut(_ item: Int, _ body: () throws -> Void) throws {
            do {
                try body()
            } catch let failure as Failure where plan.items.count > 1 {
                results.leftOut.append((item, failure))
            }
        }
        for (index, (item, name)) in zip(plan.items, names).enumerated() {
            try leavingOut(index) {
                let writer = try writer(item, entry: name, isForced: false, client.conversation)
                guard let preview = try writer.previewWithoutOwnKeys() else {
                    client.conversation.note(
                        "the profile '\(writer.name.text.printable)' is already configured")
                    return results.written.append(writer)
                }
                if offered.isEmpty { ProfileWriter.warn(preview, client.conversation) }
                offered.append((index, writer))
            }
        }
        try ProfileWriter.showTogether(offered.map(\.writer), client.conversation)
        guard !isDryRun, let file = offered.first?.writer.file.path.printable else { return results }
        let what = offered.count == 1 ? "this" : "these \(offered.count) profiles"
        guard try client.conversation.ask("Write \(what) into \(file)?") else {
            results.isDeclined = true
            return results
        }
        // Looked at before any of them is edited, which makes another file of it.
        let config = try Paths.awsConfig()
        let isOfConfig = plan.items.map { $0.source.isSameFile(as: config) }
        for (index, writer) in offered {
            try leavingOut(index) {
                if writer.hasOwnKeys {
                    try writer.clearOwnFile(
                        into: vault, isAgreed: true, acceptingRollback: client.acceptsRollback)
                    if isOfConfig[index], !writer.hasOwnKeys { results.cleared.insert(index) }
                }
                try writer.writePreviewed()
                results.written.append(writer)
            }
        }
        return results
    }
}
