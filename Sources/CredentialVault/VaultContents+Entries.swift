import Platform
public import SecureMemory
import VaultCrypto

extension VaultContents {
    /// All entries, sorted by name.
    public var entries: [Entry] {
        let namesByID = namesByID
        return names.compactMap { entry(named: $0) { namesByID[$0] } }
    }

    /// The entry with this name, or nil.
    public func entry(named name: String) -> Entry? { entry(named: name) { self.name(of: $0) } }

    private func entry(named name: String, nameOf: (RecordID) -> String?) -> Entry? {
        guard let record = record(named: name), record.type == RecordType.accessKey else { return nil }
        return Entry(record, in: bytes(of: record.place), name: nameOf)
    }

    /// The secrets of an access key, where they lie in locked memory. They cannot outlive the contents.
    public struct Secrets: ~Escapable {
        /// The secret access key, in UTF-8.
        public let secretAccessKey: RawSpan
        /// The session token, in UTF-8; nil when there is none.
        public let sessionToken: RawSpan?

        @_lifetime(copy secrets)
        init(_ secrets: EntrySecrets) {
            secretAccessKey = secrets.key
            sessionToken = secrets.token
        }
    }

    /// The secrets of an entry, to use in place.
    ///
    /// - Throws: ``VaultError/Reason/noSuchEntry(_:)``.
    @_lifetime(borrow self)
    public func secrets(of name: String) throws(VaultError) -> Secrets {
        guard let record = record(named: name), record.type == RecordType.accessKey else {
            throw VaultError(.noSuchEntry(name), path: "")
        }
        return Secrets(EntrySecrets(record, in: bytes(of: record.place)))
    }

    /// Adds an entry, or overwrites the one of the same name when `replacing` is true. The roles of that one
    /// are its own then, and a seed for one-time codes stays when it is of the same MFA device.
    ///
    /// - Throws: ``VaultError/Reason/nameTaken(_:)``, ``VaultError/Reason/invalidValue(_:)``,
    ///   ``VaultError/Reason/full``.
    public mutating func add(
        _ entry: Entry, secretAccessKey: borrowing SecretBytes, sessionToken: borrowing SecretBytes? = nil,
        replacing: Bool = false
    ) throws(VaultError) {
        let key = secretAccessKey.bytes
        switch sessionToken {
        case .some(let token):
            try add(entry, secretAccessKey: key, sessionToken: token.bytes, replacing: replacing)
        case .none: try add(entry, secretAccessKey: key, sessionToken: nil, replacing: replacing)
        }
    }

    /// As ``add(_:secretAccessKey:sessionToken:replacing:)``, with secrets that lie in a larger buffer.
    package mutating func add(
        _ entry: Entry, secretAccessKey: RawSpan, sessionToken: RawSpan?,
        replacing: Bool
    ) throws(VaultError) {
        var entry = entry
        let now = UnixTime.now()
        entry.sealedAt = now
        entry.changedAt = now
        let old = recordIndex(named: entry.name)
        guard old.map({ replacing && isEntry($0) }) ?? true else {
            throw VaultError(.nameTaken(entry.name), path: "")
        }
        let id = RecordID.random()
        let served = try servedRole(entry.serve)
        let encoded: SecretBuffer
        if let serial = entry.mfaSerial, let old, serial == self.entry(named: entry.name)?.mfaSerial {
            // The same device has the same seed.
            let seed = EntrySecrets(records[old], in: bytes(of: records[old].place)).seed
            let secrets = EntrySecrets(key: secretAccessKey, token: sessionToken, seed: seed)
            encoded = try encode(entry, id: id, served: served, secrets: secrets, carried: CarriedFields())
        } else {
            let secrets = EntrySecrets(key: secretAccessKey, token: sessionToken)
            encoded = try encode(entry, id: id, served: served, secrets: secrets, carried: CarriedFields())
        }
        do {
            // Nothing is buried for a value that is refused.
            let record = try stage(encoded)
            // A key that is replaced gets a new identity, so that a merge of two vaults sees a removal.
            let oldID = old.map { records[$0].id }
            if let old { try bury(old, time: now) }
            try place(record, at: nil)
            if let oldID { try repoint(from: oldID, to: id) }
        } catch { throw VaultError(error, path: "") }
    }

    /// Changes what is known of an entry; its secrets stay.
    ///
    /// - Throws: ``VaultError/Reason/noSuchEntry(_:)``, ``VaultError/Reason/nameTaken(_:)``,
    ///   ``VaultError/Reason/invalidValue(_:)``, and what `body` throws.
    public mutating func change(
        _ name: String, _ body: (inout Entry) throws(VaultError) -> Void
    ) throws(VaultError) {
        guard let old = entry(named: name) else { throw VaultError(.noSuchEntry(name), path: "") }
        var entry = old
        try body(&entry)
        guard entry != old else { return }
        guard entry.name == name || recordIndex(named: entry.name) == nil else {
            throw VaultError(.nameTaken(entry.name), path: "")
        }
        try edit(name, entry, secrets: .kept)
    }

    /// Makes the named entry what it is now, and changes its secrets as it is told.
    package mutating func edit(
        _ name: String, _ new: Entry, secrets change: SecretChange
    ) throws(VaultError) {
        guard let index = recordIndex(named: name), let old = entry(named: name) else {
            throw VaultError(.noSuchEntry(name), path: "")
        }
        guard new.name == name || recordIndex(named: new.name) == nil else {
            throw VaultError(.nameTaken(new.name), path: "")
        }
        var entry = new
        entry.changedAt = max(UnixTime.now(), old.changedAt)
        // Another key is the entry's from now on.
        if case .swapped = change { entry.sealedAt = entry.changedAt } else { entry.sealedAt = old.sealedAt }
        let encoded = try encode(entry, over: records[index], old, secrets: change)
        do { try put(encoded, replacing: index) } catch { throw VaultError(error, path: "") }
    }

    private func encode(
        _ entry: Entry, over record: Record, _ old: Entry, secrets change: SecretChange
    ) throws(VaultError) -> SecretBuffer {
        let bytes = bytes(of: record.place)
        let sealed = EntrySecrets(record, in: bytes)
        // Another device has another seed.
        let kept = sealed.with(seed: entry.mfaSerial == old.mfaSerial ? sealed.seed : nil)
        guard let secrets = kept.making(change) else {
            throw VaultError(.invalidValue("the rotation has no second key to switch to"), path: "")
        }
        // A role that is gone has no name to be found by, and stays what it is.
        let served =
            try entry.serve == old.serve ? record.reference(in: bytes) : servedRole(entry.serve)
        let carried = CarriedFields(of: record, in: bytes)
        return try encode(entry, id: record.id, served: served, secrets: secrets, carried: carried)
    }

    /// Removes an entry or a role and leaves a tombstone, so that a merge does not bring it back.
    ///
    /// - Throws: ``VaultError/Reason/noSuchEntry(_:)``.
    public mutating func remove(_ name: String) throws(VaultError) {
        guard let index = recordIndex(named: name) else {
            throw VaultError(.noSuchEntry(name), path: "")
        }
        try bury(index, time: UnixTime.now())
    }

    private mutating func bury(_ index: Int, time: Int64) throws(VaultError) {
        let record = records[index]
        do {
            let tombstone = try RecordEncoder.encode(Tombstone(changedAt: time), id: record.id)
            try put(tombstone, replacing: index)
        } catch { throw VaultError(error, path: "") }
    }

    private func servedRole(_ serve: Entry.Serve) throws(VaultError) -> RecordID? {
        guard case .role(let name) = serve else { return nil }
        guard let role = record(named: name), role.type == RecordType.role else {
            throw VaultError(.noSuchRole(name), path: "")
        }
        return role.id
    }

    private func encode(
        _ entry: Entry, id: RecordID, served: RecordID?, secrets: EntrySecrets, carried: CarriedFields
    ) throws(VaultError) -> SecretBuffer {
        do throws(ContentError) {
            guard entry.rotation?.phase != .later else {
                throw .invalid("only a later version can finish this rotation")
            }
            // The second key has its secret as long as it is there.
            let hasOther = entry.rotation?.otherAccessKeyID != nil
            guard !hasOther || secrets.other != nil else {
                throw .invalid("the second key of the rotation has no secret access key")
            }
            let other = hasOther ? secrets.other : nil
            let secrets = EntrySecrets(
                key: secrets.key, token: secrets.token, seed: secrets.seed, other: other)
            return try RecordEncoder.encode(
                entry, id: id, reference: served, secrets: secrets, carried: carried)
        } catch { throw VaultError(error, path: "") }
    }
}
