extension VaultContents {
    /// The name of the record with this id.
    func name(of id: RecordID) -> String? { records.first { $0.id == id }?.name }

    var namesByID: [RecordID: String] {
        var names: [RecordID: String] = [:]
        for record in records where record.hasUniqueName { names[record.id] = record.name }
        return names
    }

    /// What the records refer to now.
    var references: RecordReferences { RecordReferences(self) }

    /// Checks that every role comes down to a key, and that what is served is there.
    ///
    /// - Parameter before: how it was before a change. What was wrong already, as a merge may leave it, is no
    ///   reason to refuse a change of something else.
    /// - Throws: ``VaultError/Reason/inUse(_:by:as:)``, ``VaultError/Reason/roleLoop(_:)``,
    ///   ``VaultError/Reason/roleChain(_:)``.
    func requireReferences(since before: RecordReferences? = nil) throws(VaultError) {
        let references = references
        let known = before?.faults ?? [:]
        let faults = references.faults.filter { known[$0.key] != $0.value }
        // Whichever is found first in a dictionary: the same change is to be refused with the same words.
        let named = faults.map { (references.name($0.key, before), $0.value) }
        guard let first = named.min(by: { $0.0 < $1.0 }) else { return }
        throw VaultError(references.reason(first.1, before), path: "")
    }
}

/// Which records refer to which, and under which names.
struct RecordReferences {
    /// What is wrong with a reference, independent of names.
    enum Fault: Equatable {
        /// The role that a key serves is gone.
        case served(key: RecordID, role: RecordID)
        /// What a role is assumed with is gone.
        case source(role: RecordID, of: RecordID)
        case loop([RecordID])
        case chain([RecordID])
    }

    /// By the record that cannot be used.
    let faults: [RecordID: Fault]
    private let names: [RecordID: String]

    init(_ contents: borrowing VaultContents) {
        var sources: [RecordID: RecordID] = [:]
        var served: [RecordID: RecordID] = [:]
        for record in contents.records where record.hasUniqueName {
            let bytes = contents.bytes(of: record.place)
            let reference = record.reference(in: bytes)
            if record.type == RecordType.role {
                sources[record.id] = reference
            } else {
                served[record.id] = reference
            }
        }
        names = contents.namesByID
        var faults: [RecordID: Fault] = [:]
        for (key, role) in served where sources[role] == nil { faults[key] = .served(key: key, role: role) }
        for role in sources.keys { faults[role] = Self.fault(of: role, sources, names) }
        self.faults = faults
    }

    private static func fault(
        of role: RecordID, _ sources: [RecordID: RecordID], _ names: [RecordID: String]
    ) -> Fault? {
        var way = [role]
        while let next = sources[way[way.count - 1]] {
            guard names[next] != nil else { return .source(role: way[way.count - 1], of: next) }
            if way.contains(next) { return .loop(way + [next]) }
            way.append(next)
            if way.count > VaultFormat.chainLimit + 1 { return .chain(way) }
        }
        return nil
    }

    /// The name of a record, or the one that it had before it went; empty when that is not known.
    func name(_ id: RecordID, _ before: RecordReferences?) -> String {
        names[id] ?? before?.names[id] ?? ""
    }

    func reason(_ fault: Fault, _ before: RecordReferences?) -> VaultError.Reason {
        switch fault {
        case .served(let key, let role): .inUse(name(role, before), by: name(key, before), as: .served)
        case .source(let role, let source):
            .inUse(name(source, before), by: name(role, before), as: .source)
        case .loop(let way): .roleLoop(way.map { name($0, before) })
        case .chain(let way): .roleChain(way.map { name($0, before) })
        }
    }
}
