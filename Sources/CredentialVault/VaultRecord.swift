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
        var decoder = RecordDecoder(record, in: bytes)
        if record.type == RecordType.role {
            var role = Role()
            role.visit(&decoder)
            self = .role(role, source: decoder.reference.map { RecordReference(id: $0) })
        } else {
            var entry = Entry()
            entry.visit(&decoder)
            self = .key(
                entry, decoder.secrets, serves: decoder.reference.map { RecordReference(id: $0) },
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
