import Platform
import SecureMemory
import VaultCrypto

extension VaultContents {
    private typealias Tag = RecordFormat.Tag

    /// All roles, sorted by name.
    public var roles: [Role] {
        let namesByID = namesByID
        return records.filter { $0.type == RecordFormat.role }.compactMap(\.name).sorted()
            .compactMap { role(named: $0) { namesByID[$0] } }
    }

    /// The role with this name, or nil.
    public func role(named name: String) -> Role? { role(named: name) { self.name(of: $0) } }

    private func role(named name: String, nameOf: (RecordID) -> String?) -> Role? {
        guard let record = record(named: name), record.type == RecordFormat.role else { return nil }
        return Role(record, in: bytes(of: record.place), name: nameOf)
    }

    /// Adds a role.
    ///
    /// - Throws: ``VaultError/Reason/nameTaken(_:)``, ``VaultError/Reason/noSuchEntry(_:)`` for its source,
    ///   ``VaultError/Reason/invalidValue(_:)``, ``VaultError/Reason/full``.
    public mutating func add(_ role: Role) throws {
        guard recordIndex(named: role.name) == nil else {
            throw VaultError(.nameTaken(role.name), path: "")
        }
        var role = role
        role.sealedAt = UnixTime.now()
        role.changedAt = role.sealedAt
        let encoded = try encode(
            role, id: .random(), source: requireSource(role), carried: CarriedFields())
        do { try put(encoded, replacing: nil) } catch { throw VaultError(error, path: "") }
    }

    /// Changes a role.
    ///
    /// - Throws: ``VaultError/Reason/noSuchRole(_:)``, and what ``add(_:)`` throws.
    public mutating func changeRole(_ name: String, _ body: (inout Role) throws -> Void) throws {
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

    private func requireSource(_ role: Role) throws -> RecordID {
        guard let source = record(named: role.source) else {
            throw VaultError(.noSuchEntry(role.source), path: "")
        }
        return source.id
    }

    /// Points the roles that are assumed with one record to another one.
    mutating func repoint(from old: RecordID, to new: RecordID) throws {
        for record in records where record.type == RecordFormat.role {
            guard Role.source(record, in: bytes(of: record.place)) == old, let name = record.name,
                var role = role(named: name)
            else { continue }
            role.changedAt = max(UnixTime.now(), role.changedAt)
            try write(role, over: name, source: new)
        }
    }

    /// - Parameter source: nil keeps the one that it has.
    private mutating func write(_ role: Role, over name: String, source: RecordID?) throws {
        guard let index = recordIndex(named: name) else { throw VaultError(.noSuchRole(name), path: "") }
        let encoded = try encode(role, over: records[index], source: source)
        do { try put(encoded, replacing: index) } catch { throw VaultError(error, path: "") }
    }

    private func encode(_ role: Role, over record: Record, source: RecordID?) throws -> SecretBuffer {
        let bytes = bytes(of: record.place)
        guard let source = source ?? Role.source(record, in: bytes) else {
            preconditionFailure("the field was checked when the record was read")
        }
        let carried = CarriedFields(of: record, in: bytes)
        return try encode(role, id: record.id, source: source, carried: carried)
    }

    private func encode(
        _ role: Role, id: RecordID, source: RecordID, carried: CarriedFields
    ) throws -> SecretBuffer {
        do {
            var writer = try RecordWriter(type: RecordFormat.role, carried: carried)
            try writer.append(Tag.name, role.name)
            try writer.append(Tag.recordID, id)
            try writer.append(Tag.sealedAt, role.sealedAt)
            try writer.append(Tag.changedAt, role.changedAt)
            try writer.append(Tag.region, role.region)
            try writer.append(Tag.note, role.note)
            try writer.append(Tag.stsEndpoint, role.stsEndpoint)
            try writer.append(Tag.caBundle, role.caBundle)
            try writer.append(Tag.mfaSerial, role.mfaSerial)
            try writer.append(Tag.sessionSeconds, role.sessionSeconds)
            try writer.append(Tag.roleARN, role.roleARN)
            try writer.append(Tag.roleSource, source)
            try writer.append(Tag.externalID, role.externalID)
            try writer.append(Tag.policy, role.policy)
            try writer.append(Tag.policyARNs, lines: role.policyARNs)
            try writer.append(Tag.sessionTags, lines: role.tags)
            try writer.append(Tag.transitiveTagKeys, lines: role.transitiveTagKeys)
            try writer.append(Tag.sourceIdentity, role.sourceIdentity)
            try writer.append(Tag.sessionName, role.sessionName)
            return try writer.finish()
        } catch { throw VaultError(error, path: "") }
    }
}
