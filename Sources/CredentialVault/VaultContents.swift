package import SecureMemory
import VaultCrypto

/// What a vault holds: its entries, read in place from locked memory.
///
/// Names, access key ids and the like are given as ordinary values. The secret access key and the session
/// token leave only through ``secrets(of:)``.
public struct VaultContents: ~Copyable {
    /// The file with its body decrypted where it stood; empty for a vault that was never saved.
    private let image: SecretBytes
    /// The records made since, in their encoded form.
    private var added: SecretBuffer
    private(set) var records: [Record] = []
    private var indexByName: [String: Int] = [:]
    /// How many records were removed since these contents were read.
    private(set) var burials = 0
    /// The header MACs of the last saves, newest first.
    private(set) var ancestors: [[UInt8]] = []

    /// The contents of a new vault.
    init() throws(ContentError) {
        let buffer = try Self.makeBuffer()
        let empty = try Self.makeImage()
        added = buffer
        image = empty
    }

    /// Reads the decrypted content that lies in `range` of `image`, padding included.
    package init(image: consuming SecretBytes, range: Range<Int>) throws(ContentError) {
        let read = try ContentReader(image.bytes).read(range)
        added = try Self.makeBuffer()
        records = read.records
        ancestors = read.ancestors
        indexByName = read.indexByName
        self.image = consume image
    }

    /// How many entries the vault has.
    public var count: Int { indexByName.values.count { isEntry($0) } }

    /// The names of all entries, sorted.
    public var names: [String] { indexByName.filter { isEntry($0.value) }.keys.sorted() }

    /// Roles share the names with access keys, but this version does not know what is in them.
    func isEntry(_ index: Int) -> Bool { records[index].type == RecordType.accessKey }

    // MARK: changes, which stay in memory until the vault is saved

    /// Everything that a failed change must put back.
    struct Snapshot {
        let records: [Record]
        let indexByName: [String: Int]
        let burials: Int
        let addedCount: Int
    }

    var snapshot: Snapshot {
        Snapshot(records: records, indexByName: indexByName, burials: burials, addedCount: added.count)
    }

    mutating func restore(_ snapshot: Snapshot) {
        records = snapshot.records
        indexByName = snapshot.indexByName
        burials = snapshot.burials
        // A change that was given up leaves neither its secrets nor less room.
        added.truncate(to: snapshot.addedCount)
    }

    func record(named name: String) -> Record? { indexByName[name].map { records[$0] } }

    func recordIndex(named name: String) -> Int? { indexByName[name] }

    /// Puts an encoded record in, in place of the one at `index` or as a new one.
    mutating func put(_ encoded: borrowing SecretBuffer, replacing index: Int?) throws(ContentError) {
        try place(stage(encoded), at: index)
    }

    /// Checks an encoded record and takes its bytes; no record refers to them before ``place(_:at:)``.
    mutating func stage(_ encoded: borrowing SecretBuffer) throws(ContentError) -> Record {
        var record: Record
        do throws(ContentError) {
            record = try RecordReader(encoded.bytes).read(at: 0, place: .added, isNew: true)
        } catch {
            // The same rules as on reading, but it is the value that is wrong here, not a file.
            if case .damaged(let what) = error.reason { throw .invalid(what) }
            throw error
        }
        let start = added.count
        let isAppended: Bool
        do { isAppended = try added.append(encoded.bytes) } catch { throw ContentError(memory: error) }
        guard isAppended else { throw ContentError(reason: .full) }
        record.range = start..<added.count
        return record
    }

    /// Puts a staged record in, in place of the one at `index` or as a new one; where there is no room for
    /// a new one, in place of the oldest tombstone.
    mutating func place(_ record: Record, at index: Int?) throws(ContentError) {
        var index = index
        if index == nil, records.count >= VaultFormat.recordLimit {
            index = oldestTombstone
            guard index != nil else { throw ContentError(reason: .full) }
        }
        if let index {
            if record.isTombstone { burials += 1 }
            if let name = records[index].name, records[index].hasUniqueName { indexByName[name] = nil }
            records[index] = record
        } else {
            records.append(record)
        }
        if record.hasUniqueName, let name = record.name { indexByName[name] = index ?? records.count - 1 }
    }

    mutating func setAncestors(_ ancestors: [[UInt8]]) {
        self.ancestors = Array(ancestors.prefix(VaultFormat.ancestorLimit))
    }

    /// Drops the tombstones that are older than a year, and the oldest beyond 1,024.
    mutating func expireTombstones(now: Int64) {
        let tombstones = records.indices.filter { records[$0].isTombstone }
            .sorted { records[$0].changedAt > records[$1].changedAt }
        let kept = tombstones.prefix(VaultFormat.tombstoneLimit)
            .prefix { records[$0].changedAt >= now - VaultFormat.tombstoneLifetime }
        guard kept.count < tombstones.count else { return }
        let dropped = Set(tombstones[kept.endIndex...])
        records = records.indices.filter { !dropped.contains($0) }.map { records[$0] }
        reindex()
    }

    private var oldestTombstone: Int? {
        let tombstones = records.indices.lazy.filter { [records] in records[$0].isTombstone }
        return tombstones.min { records[$0].changedAt < records[$1].changedAt }
    }

    private mutating func reindex() {
        indexByName.removeAll(keepingCapacity: true)
        for (index, record) in records.enumerated() where record.hasUniqueName {
            if let name = record.name { indexByName[name] = index }
        }
    }

    // MARK: access to the encoded bytes

    /// The bytes of the buffer that holds a record.
    @_lifetime(borrow self)
    func bytes(of place: Record.Place) -> RawSpan {
        switch place {
        case .added: added.bytes
        case .image: image.bytes
        }
    }

    private static func makeImage() throws(ContentError) -> SecretBytes {
        do { return try SecretBytes(count: 0) } catch { throw ContentError(memory: error) }
    }

    private static func makeBuffer() throws(ContentError) -> SecretBuffer {
        do {
            return try SecretBuffer(capacity: 1024, limit: 2 * VaultFormat.fileLimit)
        } catch { throw ContentError(memory: error) }
    }
}

extension ContentError {
    init(memory error: SecureMemoryError) { reason = .secretMemory(error) }
}
