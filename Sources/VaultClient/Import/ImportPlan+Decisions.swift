import AgentProtocol
import CredentialImport
import CredentialVault
import ProgramSupport

/// What becomes of the items in a vault, found out without sealing any.
extension ImportPlan {
    /// What becomes of one item.
    struct Decision {
        /// With the name that it gets.
        let item: Item
        let outcome: Outcome
        /// What is sealed; nil where the vault has the key already.
        var entry: Entry?

        /// Seals the item.
        func add(to changes: inout VaultChanges) throws {
            guard let entry else { return }
            if case .replaced(let old, let name) = outcome, old.name != name {
                // The entry gets its new name first, so that its roles follow.
                var renamed = old
                renamed.name = name
                try changes.append(.edit, name: old.name, entry: renamed)
            }
            try item.add(as: entry, to: &changes)
        }
    }

    /// An item that the vault cannot take as it is.
    struct Conflict {
        let place: Int
        let failure: Failure
    }

    /// Decides about all items, in their order; those that are in the vault already are left as they are.
    ///
    /// - Parameter isSame: whether an entry has these secrets.
    func decide(
        on entries: EntryList, replacing: Bool, region: String?, _ isSame: SecretComparison
    ) throws -> (decisions: [Decision], conflicts: [Conflict]) {
        var entries = entries
        var (decisions, conflicts): ([Decision], [Conflict]) = ([], [])
        // The key ids of before: what this command itself adds was compared beforehand.
        var nameByID: [String: String] = [:]
        for entry in entries.sorted { nameByID[entry.accessKeyID] = entry.name }
        var sealedByID: [String: String] = [:]
        // The names of keys that this import meets: what else it seals does not take them.
        let reserved = Set(items.compactMap { nameByID[$0.key.accessKeyID] })
        for (place, planned) in items.enumerated() {
            var item = planned
            let id = item.key.accessKeyID
            if item.isTwin, let name = sealedByID[id] {
                decisions.append(Decision(item: item, outcome: .alreadySealed(name)))
                continue
            }
            let known = nameByID[id]
            if let known, try unsafe item.hasSameSecrets(as: known, isSame) {
                sealedByID[id] = known
                decisions.append(Decision(item: item, outcome: .alreadySealed(known)))
                continue
            }
            if replacing, !isNamed {
                // Profiles name the entry: a file of another name is no reason to rename it.
                item.name = known ?? freeName(item.name, reserved, entries)
            }
            let replaced = entries[known ?? item.name]
            var entry = item.entry(region: region)
            do {
                try requireFree(item, known: known, in: entries, replacing)
                if let replaced {
                    try Self.keepSettings(
                        of: replaced, in: &entry, isTemporary: item.key.sessionToken != nil)
                }
            } catch let failure as Failure {
                conflicts.append(Conflict(place: place, failure: failure))
                continue
            }
            if let replaced, replaced.name != item.name { entries.remove(replaced.name) }
            entries.insert(entry)
            sealedByID[id] = item.name
            decisions.append(
                Decision(
                    item: item, outcome: replaced.map { .replaced($0, item.name) } ?? .sealed(item.name),
                    entry: entry))
        }
        return (decisions, conflicts)
    }

    /// The name itself, unless it belongs to another key of this import.
    private func freeName(_ name: String, _ reserved: Set<String>, _ entries: EntryList) -> String {
        guard reserved.contains(name) else { return name }
        let names = Set(items.map(\.name))
        let numbered = (2...4097).lazy.map { "\(name.prefix(120))-\($0)" }
        return numbered.first { !names.contains($0) && !entries.isTaken($0) } ?? name
    }

    /// - Parameter known: the entry that has the same key id, with another secret.
    private func requireFree(
        _ item: Item, known: String?, in entries: EntryList, _ replacing: Bool
    ) throws {
        let id = item.key.accessKeyID
        if let known {
            guard replacing else {
                throw Failure(
                    .exists,
                    "\(item.place): the key ID \(id) is already sealed as '\(known)', with another secret",
                    hint: "use --replace to overwrite '\(known)'")
            }
            if known != item.name, entries[item.name] != nil {
                throw Failure(
                    .exists, "\(item.place): both '\(known)' and '\(item.name)' would be replaced",
                    hint: "remove one of them first")
            }
        } else if let taken = entries[item.name], !replacing {
            throw Failure(
                .exists, "\(item.place): the name '\(item.name)' is taken by the key \(taken.accessKeyID)",
                hint: "choose another --name, or overwrite it with --replace")
        }
    }

    /// The new key is handed out as the old one was: where that is not the key itself, it stays so.
    private static func keepSettings(
        of old: Entry, in entry: inout Entry, isTemporary: Bool
    ) throws {
        guard old.rotation == nil else {
            throw Failure(
                .exists, "'\(old.name)' is being rotated, and has a second key",
                hint:
                    "finish it with 'sealring rotate \(old.name) --resume', undo it with '--rollback', or abandon it with '--forget'"
            )
        }
        guard old.serve != .role("") else {
            throw Failure(
                .malformed, "the role that '\(old.name)' serves is gone",
                hint: "choose what it serves with 'sealring set \(old.name) --serve key'")
        }
        // Temporary credentials get no sessions.
        if old.serve != .session || !isTemporary { entry.serve = old.serve }
        entry.region = entry.region ?? old.region
        entry.note = old.note
        entry.exposeFor = old.exposeFor
        entry.stsEndpoint = old.stsEndpoint
        entry.iamEndpoint = old.iamEndpoint
        entry.caBundle = old.caBundle ?? entry.caBundle
        entry.mfaSerial = old.mfaSerial ?? entry.mfaSerial
        entry.sessionSeconds = old.sessionSeconds
    }
}
