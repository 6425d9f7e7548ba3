package import CredentialVault
import ProgramSupport

/// A vault that a command works on: opened here with the passphrase, or unlocked in the agent.
package protocol VaultAccess: AnyObject {
    var location: VaultLocation { get }
    /// The path by which the one who signs knows the vault.
    var signersPath: String { get throws }
    /// With whom those who work on it speak.
    var conversation: any Conversation { get }

    /// What the vault holds now.
    func entries() throws -> EntryList

    /// The entry of this name.
    func entry(named name: String) throws -> Entry

    /// Who signs requests to AWS for this vault.
    func transport() throws -> any AgentTransport

    /// Whether the entry has exactly these secrets, compared in constant time.
    func holds(_ name: String, _ key: UnsafeRawBufferPointer, _ token: UnsafeRawBufferPointer?) throws -> Bool

    /// Plans changes on the newest entries, and saves them as one step for all other writers.
    ///
    /// - Parameters:
    ///   - acceptingRollback: whether to write even if the file is older than, or has diverged from, the last one seen.
    ///   - isDryRun: whether everything is done but the writing.
    ///   - plan: gets the entries, a comparison as ``holds(_:_:_:)``, and where to put the changes.
    func update<Result>(
        acceptingRollback: Bool, isDryRun: Bool,
        _ plan: (EntryList, SecretComparison, inout VaultChanges) throws -> Result
    ) throws -> Result
}

package typealias SecretComparison = (String, UnsafeRawBufferPointer, UnsafeRawBufferPointer?) throws -> Bool

extension VaultAccess {
    /// Gets sessions, and asks AWS.
    ///
    /// - Parameter isForClient: whether an AWS client waits for it.
    package func sessions(_ mfa: MFACode, isForClient: Bool = false) throws -> SessionClient {
        SessionClient(
            try transport(), conversation, path: try signersPath, mfa: mfa,
            isForClient: isForClient)
    }

    package func entry(named name: String) throws -> Entry {
        guard let entry = try entries()[name] else {
            throw VaultError(.noSuchEntry(name), path: location.path)
        }
        return entry
    }

    /// As the longer one, for changes that compare no secrets.
    package func update<Result>(
        acceptingRollback: Bool, _ plan: (EntryList, inout VaultChanges) throws -> Result
    ) throws -> Result {
        try unsafe update(acceptingRollback: acceptingRollback, isDryRun: false) { entries, _, changes in
            try plan(entries, &changes)
        }
    }
}

/// The entries of a vault, without their secrets.
package struct EntryList {
    private var byName: [String: Entry] = [:]
    private var rolesByName: [String: Role] = [:]

    package init(_ entries: [Entry], _ roles: [Role] = []) {
        for entry in entries { byName[entry.name] = entry }
        for role in roles { rolesByName[role.name] = role }
    }

    package subscript(name: String) -> Entry? { byName[name] }

    package func role(_ name: String) -> Role? { rolesByName[name] }

    /// All roles, sorted by name.
    package var roles: [Role] { rolesByName.values.sorted { $0.name < $1.name } }

    /// Whether a key or a role has this name.
    package func isTaken(_ name: String) -> Bool { byName[name] != nil || rolesByName[name] != nil }

    /// All keys, sorted by name.
    package var sorted: [Entry] { byName.values.sorted { $0.name < $1.name } }

    package mutating func insert(_ entry: Entry) { byName[entry.name] = entry }
    package mutating func remove(_ name: String) { byName[name] = nil }
}
