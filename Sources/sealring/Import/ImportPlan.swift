import AgentProtocol
import CredentialImport
import CredentialVault
import DurableFiles
import SecureMemory
import VaultCrypto

/// Which keys of which sources are sealed under which names.
struct ImportPlan {
    struct Item {
        let source: ImportSource
        let key: ImportedKey
        var name: String

        /// Where the key stands, for messages.
        var place: String {
            key.line > 0 ? "\(source.name.printable), line \(key.line)" : source.name.printable
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
            items += source.document.keys.map { Item(source: source, key: $0, name: $0.suggestedName) }
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

    /// Seals the items into `contents`; those that are there already are left as they are.
    func apply(to contents: inout VaultContents, replacing: Bool, region: String?) throws -> [Outcome] {
        // The key ids of before: what this command itself adds was compared beforehand.
        var nameByID: [String: String] = [:]
        for entry in contents.entries { nameByID[entry.accessKeyID] = entry.name }
        var outcomes: [Outcome] = []
        for item in items {
            outcomes.append(try apply(item, to: &contents, nameByID, replacing, region))
        }
        return outcomes
    }

    private func apply(
        _ item: Item, to contents: inout VaultContents, _ nameByID: [String: String], _ replacing: Bool,
        _ region: String?
    ) throws -> Outcome {
        let id = item.key.accessKeyID
        if let known = nameByID[id] {
            if try Self.holdsSame(item, as: known, in: contents) { return .alreadySealed(known) }
            guard replacing else {
                throw Failure(
                    .exists,
                    "\(item.place): the key id \(id) is sealed as '\(known)' already, with another secret",
                    hint: "give --replace to overwrite '\(known)'")
            }
            if known != item.name, contents.entry(named: item.name) != nil {
                throw Failure(
                    .exists, "\(item.place): both '\(known)' and '\(item.name)' would be replaced",
                    hint: "remove one of them first")
            }
            if known != item.name { try contents.remove(known) }
        } else if let taken = contents.entry(named: item.name), !replacing {
            throw Failure(
                .exists, "\(item.place): the name '\(item.name)' is taken by the key \(taken.accessKeyID)",
                hint: "give another --name, or --replace to overwrite it")
        }
        let isReplacing = contents.entry(named: item.name) != nil || nameByID[id] != nil
        try Self.add(item, to: &contents, region)
        return isReplacing ? .replaced(nameByID[id] ?? item.name) : .sealed
    }

    private static func add(_ item: Item, to contents: inout VaultContents, _ region: String?) throws {
        let key = item.key
        var entry = Entry(name: item.name, accessKeyID: key.accessKeyID)
        entry.accountID = key.accountID
        entry.userName = key.userName
        entry.createdAt = key.createdAt
        entry.expiration = key.expiration
        entry.region = region ?? key.region
        let document = "\(item.source.document.format.rawValue): \(item.source.name)"
        entry.source = item.source.path == nil ? "environment" : String(document.printable.prefix(200))
        let source = item.source
        try unsafe source.document.withSecret(key.secretAccessKey) { secret in
            guard let token = key.sessionToken else {
                return try unsafe contents.add(
                    entry, secretAccessKey: secret, sessionToken: nil, replacing: true)
            }
            try unsafe source.document.withSecret(token) { token in
                try unsafe contents.add(
                    entry, secretAccessKey: secret, sessionToken: token, replacing: true)
            }
        }
    }

    /// Whether the entry has the secrets of the item, compared in constant time.
    private static func holdsSame(
        _ item: Item, as name: String, in contents: borrowing VaultContents
    ) throws -> Bool {
        let document = item.source
        return try unsafe contents.withSecrets(of: name) { sealed, sealedToken in
            let isSame = unsafe document.document.withSecret(item.key.secretAccessKey) {
                unsafe Sodium.equal($0, sealed)
            }
            guard let token = item.key.sessionToken else { return unsafe isSame && sealedToken == nil }
            guard let sealedToken = unsafe sealedToken else { return false }
            let isSameToken = unsafe document.document.withSecret(token) {
                unsafe Sodium.equal($0, sealedToken)
            }
            return isSame && isSameToken
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
