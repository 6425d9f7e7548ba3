import CredentialVault

/// A vault that a command works on: opened here with the passphrase, or unlocked in the agent.
protocol VaultAccess: AnyObject {
    var location: VaultLocation { get }

    /// What the vault holds now.
    func entries() throws -> EntryList

    /// Whether the entry has exactly these secrets, compared in constant time.
    func holds(_ name: String, _ key: UnsafeRawBufferPointer, _ token: UnsafeRawBufferPointer?) throws -> Bool

    /// Plans changes on the newest entries, and saves them as one step for all other writers.
    ///
    /// - Parameters:
    ///   - acceptingRollback: whether a file that is no successor of the last one seen is written.
    ///   - isDryRun: whether everything is done but the writing.
    ///   - plan: gets the entries, a comparison as ``holds(_:_:_:)``, and where to put the changes.
    func update<Result>(
        acceptingRollback: Bool, isDryRun: Bool,
        _ plan: (EntryList, SecretComparison, inout VaultChanges) throws -> Result
    ) throws -> Result
}

typealias SecretComparison = (String, UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws -> Bool

extension VaultAccess {
    func entry(named name: String) throws -> Entry {
        guard let entry = try entries()[name] else {
            throw VaultError(.noSuchEntry(name), path: location.path)
        }
        return entry
    }

    /// As the longer one, for changes that compare no secrets.
    func update<Result>(
        acceptingRollback: Bool, _ plan: (EntryList, inout VaultChanges) throws -> Result
    ) throws -> Result {
        try unsafe update(acceptingRollback: acceptingRollback, isDryRun: false) { entries, _, changes in
            try plan(entries, &changes)
        }
    }
}

/// The entries of a vault, without their secrets.
struct EntryList {
    private var byName: [String: Entry] = [:]

    init(_ entries: [Entry]) {
        for entry in entries { byName[entry.name] = entry }
    }

    subscript(name: String) -> Entry? { byName[name] }

    /// All of them, sorted by name.
    var sorted: [Entry] { byName.values.sorted { $0.name < $1.name } }

    mutating func insert(_ entry: Entry) { byName[entry.name] = entry }
    mutating func remove(_ name: String) { byName[name] = nil }
}
