import SecureMemory

/// What a record refers to another one by, which outlasts a change of names.
package struct RecordReference: Hashable, Sendable {
    let id: RecordID
}

/// What the record behind a name is, in the memory that it was decrypted into.
package enum VaultRecord: ~Escapable {
    /// A key, its secrets, the role that is served in its place, and what refers to the key itself.
    case key(Entry, EntrySecrets, serves: RecordReference?, own: RecordReference)
    /// A role, and what it is assumed with.
    case role(Role, source: RecordReference?)

    @_lifetime(copy bytes)
    init(_ record: Record, in bytes: RawSpan) {
        if record.type == RecordFormat.role {
            self = .role(
                Role(record, in: bytes),
                source: Role.source(record, in: bytes).map { RecordReference(id: $0) })
        } else {
            self = .key(
                Entry(record, in: bytes), EntrySecrets(record, in: bytes),
                serves: Entry.servedRole(record, in: bytes).map { RecordReference(id: $0) },
                own: RecordReference(id: record.id))
        }
    }

    package var name: String {
        switch self {
        case .key(let entry, _, _, _): entry.name
        case .role(let role, _): role.name
        }
    }
}
