import Platform
import SecureMemory
import VaultCrypto

extension VaultContents {
    /// All roles, sorted by name.
    public var roles: [Role] {
        let namesByID = namesByID
        return records.filter { $0.type == RecordType.role }.compactMap(\.name).sorted()
            .compactMap { role(named: $0) { namesByID[$0] } }
    }

    /// The role with this name, or nil.
    public func role(named name: String) -> Role? { role(named: name) { self.name(of: $0) } }

    private func role(named name: String, nameOf: (RecordID) -> String?) -> Role? {
        guard let record = record(named: name), record.type == RecordType.role else { return nil }
        return Role(record, in: bytes(of: record.place), name: nameOf)
    }

    /// Adds a role.
    ///
    /// - Throws: ``VaultError/Reason/nameTaken(_:)``, ``VaultError/Reason/noSuchEntry(_:)`` for its source,
    ///   ``VaultError/Reason/invalidValue(_:)``, ``VaultError/Reason/full``.
    public mutating func add(_ role: Role) throws(VaultError) {
        guard recordIndex(named: role.name) == nil else {
            throw VaultError(.nameTaken(role.name), path: "")
        }
        var role = role
        role.sealedAt = UnixTime.now()
        role.changedAt = role.sealedAt
        let source = try requireSource(role)
        do {
            try put(RecordEncoder.encode(role, id: .random(), reference: source), replacing: nil)
        } catch { throw VaultError(error, path: "") }
    }

    /// Changes a role.
    ///
    /// - Throws: ``VaultError/Reason/noSuchRole(_:)``, what ``add(_:)`` throws, and what `body` throws.
    public mutating func changeRole(
        _ name: String, _ body: (inout Role) throws(VaultError) -> Void
    ) throws(VaultError) {
        guard let old = role(named: name) else { throw VaultError(.noSuchRole(name), path: "") }
        var role = old
        try body(&role)
        guard role != old else { return }
        guard role.name == name || recordIndex(named: role.name) == nil else {
            throw VaultError(.nameTaken(role.name), path: "")
        }
        role.sealedAt = old.sealedAt
        role.changedAt = max(UnixTime.now(), old.changedAt)
        // A source that is gone has no name to be found by, and stays what it is.
        let source = try role.source == old.source ? nil : requireSource(role)
        try write(role, over: name, source: source)
    }

    private func requireSource(_ role: Role) throws(VaultError) -> RecordID {
        guard let source = record(named: role.source) else {
            throw VaultError(.noSuchEntry(role.source), path: "")
        }
        return source.id
    }

    /// Points the roles that are assumed with one record to another one.
    mutating func repoint(from old: RecordID, to new: RecordID) throws(VaultError) {
        for record in records where record.type == RecordType.role {
            guard record.reference(in: bytes(of: record.place)) == old, let name = record.name,
                var role = role(named: name)
            else { continue }
            role.changedAt = max(UnixTime.now(), role.changedAt)
            try write(role, over: name, source: new)
        }
    }

    /// - Parameter source: nil keeps the one that it has.
    private mutating func write(
        _ role: Role, over name: String, source: RecordID?
    ) throws(VaultError) {
        guard let index = recordIndex(named: name) else { throw VaultError(.noSuchRole(name), path: "") }
        let encoded = try encode(role, over: records[index], source: source)
        do { try put(encoded, replacing: index) } catch { throw VaultError(error, path: "") }
    }

    private func encode(
        _ role: Role, over record: Record, source: RecordID?
    ) throws(VaultError) -> SecretBuffer {
        let bytes = bytes(of: record.place)
        guard let source = source ?? record.reference(in: bytes) else {
            preconditionFailure("the field was checked when the record was read")
        }
        let carried = CarriedFields(of: record, in: bytes)
        do {
            return try RecordEncoder.encode(role, id: record.id, reference: source, carried: carried)
        } catch { throw VaultError(error, path: "") }
    }
}
