import ProgramSupport
import SecureMemory
import TestSupport
import VaultClient
import VaultCrypto

@testable import CredentialVault

/// A vault without a file: its contents change as those of every vault, and a kill comes before or after a save.
final class MemoryVault: VaultAccess {
    var signersPath: String { location.path }
    let location = VaultLocation(path: "/made-up/vault", stateDirectory: "/made-up/state")
    let recorder = Recorder()
    let world: World
    private var contents: VaultContents
    /// How often the vault was listed, besides the listing that belongs to a change.
    private(set) var listings = 0
    /// What saves fail with, by their number from 1 on: before they are done, and after.
    var failuresOfSaves: [Int: any Error] = [:]
    var failuresAfterSaves: [Int: any Error] = [:]
    private var saves = 0

    var conversation: any Conversation { recorder }

    init(_ world: World = World()) throws {
        self.world = world
        contents = try VaultContents()
    }

    func add(_ entry: Entry, secret text: String) throws {
        try contents.add(entry, secretAccessKey: secret(text))
    }

    func add(_ role: Role) throws { try contents.add(role) }

    func change(_ name: String, _ body: (inout Entry) throws(VaultError) -> Void) throws {
        try contents.change(name, body)
    }

    /// What is in the vault, whoever is killed.
    subscript(name: String) -> Entry? { contents.entry(named: name) }

    func entries() throws -> EntryList {
        guard !world.isDead else { throw World.Killed() }
        listings += 1
        return EntryList(contents.entries, contents.roles)
    }

    /// One entry costs no listing.
    func entry(named name: String) throws -> Entry {
        guard !world.isDead else { throw World.Killed() }
        guard let entry = contents.entry(named: name) else {
            throw VaultError(.noSuchEntry(name), path: location.path)
        }
        return entry
    }

    func transport() throws -> any AgentTransport { throw Failure(.unavailable, "there is no agent") }

    func holds(
        _ name: String, _ key: UnsafeRawBufferPointer, _ token: UnsafeRawBufferPointer?
    ) throws -> Bool {
        try unsafe Self.holds(name, key.bytes, token?.bytes, in: contents)
    }

    func update<Result>(
        acceptingRollback: Bool, isDryRun: Bool,
        _ plan: (EntryList, SecretComparison, inout VaultChanges) throws -> Result
    ) throws -> Result {
        try world.act(isDryRun ? "plan" : "save") {
            let before = contents.snapshot
            var isSaved = false
            do {
                var changes = try VaultChanges()
                let result = try unsafe plan(
                    EntryList(contents.entries, contents.roles), { try unsafe holds($0, $1, $2) }, &changes)
                try changes.apply(to: &contents)
                if isDryRun {
                    contents.restore(before)
                    return result
                }
                saves += 1
                if let failure = failuresOfSaves[saves] { throw failure }
                isSaved = true
                if let failure = failuresAfterSaves[saves] { throw failure }
                return result
            } catch {
                if !isSaved { contents.restore(before) }
                throw error
            }
        }
    }

    /// Changes the contents as another program does.
    func apply(_ changes: borrowing VaultChanges) throws { try changes.apply(to: &contents) }

    /// The secret of an entry, or of its rotation's other key.
    func secretText(of name: String, isOther: Bool = false) throws -> String {
        let before = contents.snapshot
        defer { contents.restore(before) }
        if isOther {
            var changes = try VaultChanges()
            try changes.append(.swap, name: name, entry: contents.entry(named: name))
            try changes.apply(to: &contents)
        }
        return try Self.text(of: name, in: contents)
    }

    // A class gives out no spans of what it stores.

    private static func holds(
        _ name: String, _ key: RawSpan, _ token: RawSpan?, in contents: borrowing VaultContents
    ) throws -> Bool {
        let sealed = try contents.secrets(of: name)
        return SecretPair.isSame(key, token, as: sealed.secretAccessKey, token: sealed.sessionToken)
    }

    private static func text(of name: String, in contents: borrowing VaultContents) throws -> String {
        let secrets = try contents.secrets(of: name)
        return secrets.secretAccessKey.text() ?? ""
    }
}
