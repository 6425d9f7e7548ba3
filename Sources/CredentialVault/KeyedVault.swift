import DurableFiles
import Platform
package import SecureMemory
import VaultCrypto

/// A vault as the agent holds it: the vault key, and the file's sealed bytes. Nothing of it stays decrypted.
///
/// The body is opened and checked whole once for each state of the file. After that an entry is found through
/// an index of keyed hashes of the names, and its record alone is decrypted.
package struct KeyedVault: ~Copyable {
    package let location: VaultLocation

    private let keys: VaultKeys
    private var state: State
    /// The header as it is on the disk, to compare.
    private var found = [UInt8](repeating: 0, count: VaultFormat.headerCount)
    /// Holds one record while it is used.
    private var scratch: SecretBytes

    /// Reads the file, opens it with the key and checks all of it.
    package init(_ location: VaultLocation, vaultKey: consuming SecretBytes) throws(VaultError) {
        do {
            let keys = try VaultKeys(vaultKey)
            let scratch = try SecretBytes(count: 16 << 10)
            let state = try State(location, keys: keys, after: nil)
            self.location = location
            self.keys = keys
            self.scratch = scratch
            self.state = state
        } catch { throw VaultError(error, path: location.path) }
    }

    package var generation: UInt64 { state.header.generation }
    package var entryCount: Int { state.index.count }

    /// How many of those are roles.
    package var roleCount: Int { state.roleCount }
    /// How the file stands to the one that this machine saw last.
    package var freshness: Freshness { state.freshness }
    package var headerMAC: [UInt8] { state.header.mac }

    /// Looks at the file, and reads all of it again when its header is another one.
    ///
    /// - Throws: ``VaultError/Reason/otherVault``, ``VaultError/Reason/revoked`` and
    ///   ``VaultError/Reason/rekeyedMeanwhile`` when the key is of no more use; the vault stays as it was read.
    package mutating func refresh() throws(VaultError) {
        do {
            let file = try FileHandle.open(location.path)
            try SealedVault.requireUsable(file, location.path)
            let count = try file.read(into: found.mutableRawSpan)
            // The body hangs on every byte of the header, so that the same header is the same vault.
            if count == found.count, found == state.header.bytes { return }
            state = try State(location, keys: keys, after: state.header)
        } catch FileError.missing {
            throw VaultError(.missing, path: location.path)
        } catch { throw VaultError(error, path: location.path) }
    }

    /// As ``refresh()``, and looks whether this machine has seen a newer file than this one meanwhile.
    package mutating func refreshAndReview() throws(VaultError) {
        try refresh()
        do { try state.review(keys, location) } catch { throw VaultError(error, path: location.path) }
    }

    /// Decrypts the record of one entry or role, and calls `body` with it; it is wiped afterwards.
    ///
    /// - Throws: ``VaultError/Reason/noSuchEntry(_:)``, or what `body` throws.
    package mutating func withRecord<Result: ~Copyable>(
        of name: String, _ body: (VaultRecord) throws -> Result
    ) throws -> Result {
        guard let range = state.index[state.indexKey(name)] else {
            throw VaultError(.noSuchEntry(name), path: location.path)
        }
        let path = location.path
        return try withRecord(in: range) { record in
            guard record.name == name else { throw VaultError(.noSuchEntry(name), path: path) }
            return try body(record)
        }
    }

    /// Whether the record that another one refers to is there: a merge may have removed it.
    package func holds(_ reference: RecordReference) -> Bool { state.ranges[reference.id] != nil }

    /// As ``withRecord(of:_:)``, for the record that another one refers to.
    package mutating func withRecord<Result: ~Copyable>(
        _ reference: RecordReference, _ body: (VaultRecord) throws -> Result
    ) throws -> Result {
        guard let range = state.ranges[reference.id] else {
            throw VaultError(.noSuchEntry("a source that is gone"), path: location.path)
        }
        return try withRecord(in: range, body)
    }

    func range(at place: Int) -> Range<Int> { state.order[place] }

    mutating func withRecord<Result: ~Copyable>(
        in range: Range<Int>, _ body: (VaultRecord) throws -> Result
    ) throws -> Result {
        let room = SecretBox.roomToRead(range.count, at: range.lowerBound)
        do {
            if scratch.count < room { scratch = try SecretBytes(count: room) }
        } catch { throw VaultError(error, path: location.path) }
        defer { scratch.wipe() }
        let place = state.read(range, into: &scratch)
        let bytes = scratch.bytes.extracting(place)
        let record = try RecordReader(bytes).read(at: 0, place: .image)
        return try body(VaultRecord(record, in: bytes))
    }

    /// Decrypts the record of one entry, and calls `body` with its secret access key and its session token;
    /// both are wiped afterwards.
    package mutating func withSecrets<Result: ~Copyable>(
        of name: String,
        _ body: (Entry, RawSpan, RawSpan?) throws -> Result
    ) throws -> Result {
        let path = location.path
        return try withRecord(of: name) { record in
            guard case .key(let entry, let secrets, _, _) = record else {
                throw VaultError(.noSuchEntry(name), path: path)
            }
            return try body(entry, secrets.key, secrets.token)
        }
    }

    /// A key that is derived from the vault key for one purpose, and from nothing that changes but the vault
    /// key itself.
    ///
    /// - Parameter name: at most 16 ASCII characters, unlike those of the format.
    package func derivedKey(_ name: StaticString) throws -> SecretBytes {
        try KeyedHash.derive(key: keys.vaultKey, message: state.header.vaultID.rawSpan, name: name)
    }

    /// What names its key, and reveals nothing of it.
    package var keyID: [UInt8] { keys.keyID }

    /// What names the vault over all its states.
    package var vaultID: [UInt8] { state.header.vaultID }

    /// All entries, sorted by name. The body is decrypted for that, and wiped.
    package func entries() throws(VaultError) -> [Entry] {
        do { return try state.contents(keys).entries } catch { throw VaultError(error, path: location.path) }
    }

    /// The sealed image of the vault with the changes made; nothing is written.
    package func image(
        applying changes: borrowing VaultChanges, acceptingRollback: Bool
    ) throws(VaultError) -> VaultImage {
        do {
            guard freshness == .current || acceptingRollback else {
                throw VaultError(.notSuccessor(freshness), path: location.path)
            }
            var contents = try state.contents(keys)
            let before = contents.snapshot
            try changes.apply(to: &contents)
            let removes = try contents.dropsSecrets(since: before)
            let next = try VaultStore.next(
                &contents, header: state.header, previousMAC: state.header.mac, keys: keys)
            return VaultImage(
                bytes: try next.check(keys), keyID: keys.keyID, removesPrevious: removes)
        } catch { throw VaultError(error, path: location.path) }
    }
}
