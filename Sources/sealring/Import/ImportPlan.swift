import AgentProtocol
import CredentialImport
import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory
import VaultCrypto

/// Which keys of which sources are sealed under which names.
struct ImportPlan {
    struct Item {
        let source: ImportSource
        let key: ImportedKey
        /// What a settings file says beside the key.
        let beside: BesideKey?
        var name: String

        init(_ source: ImportSource, _ key: ImportedKey) {
            self.source = source
            self.key = key
            beside = source.beside(key)
            name = key.suggestedName
        }

        /// Where the key stands, for messages.
        var place: String {
            key.line > 0 ? "\(source.name.printable), line \(key.line)" : source.name.printable
        }

        func entry(region: String?) -> Entry {
            var entry = Entry(name: name, accessKeyID: key.accessKeyID)
            entry.accountID = key.accountID
            entry.userName = key.userName
            entry.createdAt = key.createdAt
            entry.expiration = key.expiration
            entry.region = region ?? key.region
            let document = "\(source.document.format.rawValue): \(source.name)"
            entry.source = source.path == nil ? "environment" : String(document.printable.prefix(200))
            beside?.apply(to: &entry, isTemporary: key.sessionToken != nil)
            return entry
        }
    }

    /// What became of an item.
    enum Outcome {
        case sealed
        case replaced(String)
        /// The same key with the same secret was there under this name.
        case alreadySealed(String)
    }

    private(set) var items: [Item] = []

    /// The entry that holds each item, once it is sealed.
    func names(_ outcomes: [Outcome]) -> [String] {
        zip(items, outcomes).map { item, outcome in
            if case .alreadySealed(let name) = outcome { name } else { item.name }
        }
    }

    /// - Parameter name: the name that was given, for one key alone.
    init(_ sources: [ImportSource], name: String?) throws {
        for source in sources {
            items += source.document.keys.map { Item(source, $0) }
        }
        if let name {
            try EntryName.check(name)
            guard items.count == 1 else {
                throw Failure(
                    .usage, "--name goes with one key, and there are \(items.count)",
                    hint: "leave it out, and rename the entries afterwards")
            }
            items[0].name = name
        }
        makeNamesDistinct()
        try requireDistinct()
    }

    /// The changes that seal the items; those that are there already are left as they are.
    func changes(
        on entries: EntryList, _ isSame: SecretComparison, replacing: Bool, region: String?,
        into changes: inout VaultChanges
    ) throws -> [Outcome] {
        var entries = entries
        // The key ids of before: what this command itself adds was compared beforehand.
        var nameByID: [String: String] = [:]
        for entry in entries.sorted { nameByID[entry.accessKeyID] = entry.name }
        var outcomes: [Outcome] = []
        for item in items {
            let known = nameByID[item.key.accessKeyID]
            if let known, try unsafe Self.isSame(item, as: known, isSame) {
                outcomes.append(.alreadySealed(known))
                continue
            }
            try requireFree(item, known: known, in: entries, replacing)
            var entry = item.entry(region: region)
            let replaced = entries[known ?? item.name]
            if let replaced {
                try Self.keepSettings(of: replaced, in: &entry, isTemporary: item.key.sessionToken != nil)
                if replaced.name != item.name { try Self.rename(replaced, item.name, &entries, &changes) }
            }
            try Self.add(item, entry, to: &changes)
            entries.insert(entry)
            outcomes.append(replaced.map { .replaced($0.name) } ?? .sealed)
        }
        return outcomes
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
                hint: "say what it shall hand out with 'sealring set \(old.name) --serve key'")
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

    private static func add(_ item: Item, _ entry: Entry, to changes: inout VaultChanges) throws {
        let source = item.source
        try unsafe source.document.withSecret(item.key.secretAccessKey) { secret in
            guard let token = item.key.sessionToken else {
                let none = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
                return try unsafe changes.append(
                    .replace, entry: entry, secretAccessKey: secret, sessionToken: none)
            }
            try unsafe source.document.withSecret(token) { token in
                try unsafe changes.append(
                    .replace, entry: entry, secretAccessKey: secret, sessionToken: token)
            }
        }
    }

    /// Whether the entry has the secrets of the item.
    private static func isSame(_ item: Item, as name: String, _ isSame: SecretComparison) throws -> Bool {
        let source = item.source
        return try unsafe source.document.withSecret(item.key.secretAccessKey) { secret in
            guard let token = item.key.sessionToken else { return try unsafe isSame(name, secret, nil) }
            return try unsafe source.document.withSecret(token) { try unsafe isSame(name, secret, $0) }
        }
    }

    /// Two keys of one user, or names that differ only in what a name cannot hold, get a number: `alice`,
    /// `alice-2`.
    private mutating func makeNamesDistinct() {
        var taken: Set<String> = []
        var next: [String: Int] = [:]
        for index in items.indices {
            let base = items[index].name
            while !taken.insert(items[index].name).inserted {
                let number = next[base, default: 2]
                next[base] = number + 1
                items[index].name = "\(base.prefix(120))-\(number)"
            }
        }
    }

    /// Within one command no key id may come twice: nobody could tell which secret is meant.
    private func requireDistinct() throws {
        var byID: [String: Item] = [:]
        for item in items {
            if let other = byID.updateValue(item, forKey: item.key.accessKeyID) {
                throw Failure(
                    .exists,
                    "the key id \(item.key.accessKeyID) comes twice: \(other.place) and \(item.place)",
                    hint: "remove one of the two rows")
            }
        }
    }
}
