import AWSValues
import AgentProtocol
package import CredentialImport
package import CredentialVault
import DurableFiles
package import ProgramSupport
import SecureMemory
import VaultCrypto

/// Which keys of which sources are sealed under which names.
package struct ImportPlan {
    package struct Item {
        package let source: ImportSource
        package let key: ImportedKey
        /// What a settings file says beside the key.
        package let beside: BesideKey?
        package var name: String
        /// Whether an item before it has the same key, with the same secrets.
        var isTwin = false

        package init(_ source: ImportSource, _ key: ImportedKey) {
            self.source = source
            self.key = key
            beside = source.beside(key)
            name = key.suggestedName
        }

        /// The text that the entry's name was made of, where the name is not that text.
        package var changedText: String? {
            guard name.hasPrefix(key.suggestedName), let text = key.nameText else { return nil }
            return text == key.suggestedName ? nil : text
        }

        /// Where the key stands, for messages.
        package var place: String {
            key.line > 0 ? "\(source.name.printable), line \(key.line)" : source.name.printable
        }
    }

    /// What became of an item.
    package enum Outcome {
        case sealed(String)
        /// The entry that had the name or the key before, and the name now.
        case replaced(Entry, String)
        /// The same key with the same secret was there under this name.
        case alreadySealed(String)

        /// The entry that holds the key.
        package var name: String {
            switch self {
            case .sealed(let name), .replaced(_, let name), .alreadySealed(let name): name
            }
        }
    }

    package private(set) var items: [Item] = []
    /// What was left out, and why.
    package private(set) var leftOut: [String] = []
    /// Whether the name of the entry was chosen by a person.
    private let isNamed: Bool

    /// The entry that holds each item, once it is sealed.
    package func names(_ outcomes: [Outcome]) -> [String] { outcomes.map(\.name) }

    /// - Parameters:
    ///   - name: the name that was given, for one key alone.
    ///   - skippingInvalid: whether a key that comes with two secrets is left out instead of being an error.
    package init(_ sources: [ImportSource], name: String?, skippingInvalid: Bool) throws {
        isNamed = name != nil
        for source in sources {
            items += source.document.keys.map { Item(source, $0) }
        }
        try findTwins(skippingInvalid)
        if let name {
            try EntryName.check(name)
            let count = items.count { !$0.isTwin }
            guard count == 1 else {
                throw Failure(
                    .usage, "--name goes with one key, and there are \(count)",
                    hint: "leave it out, and rename the entries afterwards")
            }
            items[0].name = name
        }
        makeNamesDistinct()
    }

    /// Leaves out the keys that the vault cannot take as they are, so that they do not hold up the others.
    ///
    /// - Returns: what was left out, and why.
    package mutating func leaveOutConflicts(
        in vault: any VaultAccess, replacing: Bool, region: String?
    ) throws -> [String] {
        var conflicts: [(item: Int, failure: Failure)] = []
        let plan = self
        _ = try unsafe vault.update(acceptingRollback: true, isDryRun: true) { entries, isSame, changes in
            conflicts = []
            _ = try unsafe plan.changes(
                on: entries, isSame, replacing: replacing, region: region, into: &changes
            ) { conflicts.append(($0, $1)) }
        }
        guard conflicts.count < items.count else {
            for (_, failure) in conflicts.dropFirst() {
                vault.conversation.warn("left out: \(failure.message)")
            }
            throw conflicts.first?.failure ?? Failure(.malformed, "no usable key: nothing was imported")
        }
        for (item, _) in conflicts.reversed() { items.remove(at: item) }
        return conflicts.map(\.failure.message)
    }

    /// The changes that seal the items; those that are there already are left as they are.
    ///
    /// - Parameter leaveOut: what becomes of an item that the vault cannot take; without it, that is an error.
    package func changes(
        on entries: EntryList, _ isSame: SecretComparison, replacing: Bool, region: String?,
        into changes: inout VaultChanges, leaveOut: ((Int, Failure) -> Void)? = nil
    ) throws -> [Outcome] {
        var entries = entries
        // The key ids of before: what this command itself adds was compared beforehand.
        var nameByID: [String: String] = [:]
        for entry in entries.sorted { nameByID[entry.accessKeyID] = entry.name }
        var sealedByID: [String: String] = [:]
        var outcomes: [Outcome] = []
        // The names of keys that this import meets: what else it seals does not take them.
        let reserved = Set(items.compactMap { nameByID[$0.key.accessKeyID] })
        for (index, planned) in items.enumerated() {
            var item = planned
            let id = item.key.accessKeyID
            if item.isTwin, let name = sealedByID[id] {
                outcomes.append(.alreadySealed(name))
                continue
            }
            let known = nameByID[id]
            if let known, try unsafe item.hasSameSecrets(as: known, isSame) {
                sealedByID[id] = known
                outcomes.append(.alreadySealed(known))
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
            } catch let failure as Failure where leaveOut != nil {
                leaveOut?(index, failure)
                continue
            }
            if let replaced, replaced.name != item.name {
                try Self.rename(replaced, item.name, &entries, &changes)
            }
            try item.add(as: entry, to: &changes)
            entries.insert(entry)
            sealedByID[id] = item.name
            outcomes.append(replaced.map { .replaced($0, item.name) } ?? .sealed(item.name))
        }
        return outcomes
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
                    "\(item.place): the key id \(id) is sealed as '\(known)' already, with another secret",
                    hint: "give --replace to overwrite '\(known)'")
            }
            if known != item.name, entries[item.name] != nil {
                throw Failure(
                    .exists, "\(item.place): both '\(known)' and '\(item.name)' would be replaced",
                    hint: "remove one of them first")
            }
        } else if let taken = entries[item.name], !replacing {
            throw Failure(
                .exists, "\(item.place): the name '\(item.name)' is taken by the key \(taken.accessKeyID)",
                hint: "give another --name, or --replace to overwrite it")
        }
    }

    /// The new key is handed out as the old one was: where that is not the key itself, it stays so.
    private static func keepSettings(
        of old: Entry, in entry: inout Entry, isTemporary: Bool
    ) throws {
        guard old.rotation == nil else {
            throw Failure(
                .exists, "a rotation of '\(old.name)' is under way, and holds a second key",
                hint:
                    "end it with 'sealring rotate \(old.name) --resume' or '--rollback', or give it up with '--forget'"
            )
        }
        guard old.serve != .role("") else {
            throw Failure(
                .malformed, "the role that '\(old.name)' serves is gone",
                hint: "choose what it hands out with 'sealring set \(old.name) --serve key'")
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

    /// Gives an entry that is about to be replaced its new name first, so that its roles follow.
    private static func rename(
        _ old: Entry, _ name: String, _ entries: inout EntryList, _ changes: inout VaultChanges
    ) throws {
        var renamed = old
        renamed.name = name
        try changes.append(.edit, name: old.name, entry: renamed)
        entries.remove(old.name)
    }

    /// Two keys of one user, or names that differ only in what a name cannot hold, get a number: `alice`,
    /// `alice-2`. A twin has the name of the first.
    private mutating func makeNamesDistinct() {
        var taken: Set<String> = []
        var next: [String: Int] = [:]
        var nameByID: [String: String] = [:]
        for index in items.indices {
            let id = items[index].key.accessKeyID
            if items[index].isTwin, let name = nameByID[id] {
                items[index].name = name
                continue
            }
            let base = items[index].name
            while !taken.insert(items[index].name).inserted {
                let number = next[base, default: 2]
                next[base] = number + 1
                items[index].name = "\(base.prefix(120))-\(number)"
            }
            nameByID[id] = items[index].name
        }
    }

    /// Profiles may share a key, which is sealed once. With another secret nobody could tell which one is meant.
    private mutating func findTwins(_ skippingInvalid: Bool) throws {
        var first: [String: Int] = [:]
        var doubtful: Set<String> = []
        for index in items.indices {
            let item = items[index]
            let id = item.key.accessKeyID
            guard let other = first[id] else {
                first[id] = index
                continue
            }
            if item.hasSameSecrets(as: items[other]) {
                items[index].isTwin = true
                continue
            }
            let problem =
                "the key id \(id) comes twice with different secrets: \(items[other].place) and \(item.place)"
            guard skippingInvalid else {
                throw Failure(
                    .exists, problem, hint: "remove one of the two, or skip both with --skip-invalid")
            }
            if doubtful.insert(id).inserted { leftOut.append(problem) }
        }
        items.removeAll { doubtful.contains($0.key.accessKeyID) }
        if items.isEmpty {
            throw Failure(.exists, leftOut.first ?? "no usable key: nothing was imported")
        }
    }
}
