extension KeyedVault {
    /// An entry or a role, without its secrets.
    package enum Listed {
        case entry(Entry)
        case role(Role)
    }

    /// The entry or role at a place, from 0 to ``entryCount``; their order is the file's.
    ///
    /// It costs its own record, and that of another one whose name it needs, whatever else the vault holds.
    package mutating func listed(at place: Int) throws -> Listed {
        let (listed, reference) = try withRecord(in: range(at: place)) { Self.listed($0) }
        return try named(listed, reference)
    }

    /// The entry or role of a name, at the cost of ``listed(at:)``.
    package mutating func listed(named name: String) throws -> Listed {
        let (listed, reference) = try withRecord(of: name) { Self.listed($0) }
        return try named(listed, reference)
    }

    /// What a record holds, and the other one whose name it needs.
    private static func listed(_ record: VaultRecord) -> (Listed, RecordReference?) {
        switch record {
        case .key(let entry, _, let role, _): (.entry(entry), role)
        case .role(let role, let source): (.role(role), source)
        }
    }

    /// Gives it the name of the other record.
    private mutating func named(_ listed: Listed, _ reference: RecordReference?) throws -> Listed {
        guard let reference, holds(reference) else { return listed }
        let name = try withRecord(reference) { $0.name }
        switch listed {
        case .entry(var entry):
            if case .role = entry.serve { entry.serve = .role(name) }
            return .entry(entry)
        case .role(var role):
            role.source = name
            return .role(role)
        }
    }
}
