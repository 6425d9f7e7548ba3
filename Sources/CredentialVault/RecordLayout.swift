import SecureMemory

/// The types of records in format 1.
enum RecordType {
    static let accessKey: UInt8 = 1
    static let role: UInt8 = 2
    static let tombstone: UInt8 = 3
    static let sealedBlob: UInt8 = 4
}

/// What a type of records has fields for.
protocol RecordContent {
    static var type: UInt8 { get }

    /// A record that says nothing.
    init()

    /// Goes over all fields, in the order of their tags.
    mutating func visit<Coder: FieldCoder & ~Copyable & ~Escapable>(
        _ coder: inout Coder
    ) throws(Coder.Failure)
}

/// The fields of a type of records, which its `visit` names.
struct RecordLayout: Sendable {
    /// type (1) and length (4)
    static let headCount = 5
    /// tag (2) and length (4)
    static let fieldHeadCount = 6
    static let idTag: UInt16 = 2
    static let changedAtTag: UInt16 = 11

    /// In the order of their tags.
    let fields: [Field]
    /// The field that refers to another record.
    let reference: Field?

    init<Content: RecordContent>(of type: Content.Type) {
        var content = Content()
        var list = FieldList()
        content.visit(&list)
        fields = list.fields
        reference = list.fields.first { if case .reference = $0.rule { true } else { false } }
        let tags = fields.map(\.tag)
        precondition(zip(tags, tags.dropFirst()).allSatisfy { $0 < $1 }, "fields out of order")
    }

    static let accessKey = RecordLayout(of: Entry.self)
    static let role = RecordLayout(of: Role.self)
    static let tombstone = RecordLayout(of: Tombstone.self)
    static let sealedBlob = RecordLayout(of: SealedBlob.self)
    static let unknown = RecordLayout(of: UnknownRecord.self)

    static func of(_ type: UInt8) -> RecordLayout {
        switch type {
        case RecordType.accessKey: accessKey
        case RecordType.role: role
        case RecordType.tombstone: tombstone
        case RecordType.sealedBlob: sealedBlob
        default: unknown
        }
    }

    /// The field with this tag, or nil for one of a later version.
    func field(_ tag: UInt16) -> Field? { fields.first { $0.tag == tag } }
}

/// What is left of a record that was removed, so that a merge does not bring it back.
struct Tombstone: RecordContent {
    static let type = RecordType.tombstone
    /// When it was removed.
    var changedAt: Int64 = 0

    mutating func visit<Coder: FieldCoder & ~Copyable & ~Escapable>(
        _ coder: inout Coder
    ) throws(Coder.Failure) {
        try coder.id()
        try coder.changedAt(&changedAt)
    }
}

/// A record that a later version puts to use.
struct SealedBlob: RecordContent {
    static let type = RecordType.sealedBlob
    var name = ""
    var sealedAt: Int64 = 0
    var changedAt: Int64 = 0

    mutating func visit<Coder: FieldCoder & ~Copyable & ~Escapable>(
        _ coder: inout Coder
    ) throws(Coder.Failure) {
        try coder.name(&name)
        try coder.id()
        try coder.sealedAt(&sealedAt)
        try coder.changedAt(&changedAt)
    }
}

/// A record of a type that a later version has.
struct UnknownRecord: RecordContent {
    static let type: UInt8 = 0

    mutating func visit<Coder: FieldCoder & ~Copyable & ~Escapable>(
        _ coder: inout Coder
    ) throws(Coder.Failure) {
        try coder.id()
    }
}

/// Lists the fields of a record.
private struct FieldList: FieldCoder {
    private(set) var fields: [Field] = []

    mutating func code(_ field: Field, text: inout String?) { fields.append(field) }
    mutating func code(_ field: Field, lines: inout [String]) { fields.append(field) }
    mutating func code(_ field: Field, number: inout Int64?) { fields.append(field) }
    mutating func code(_ field: Field, reference: inout String?) { fields.append(field) }
    mutating func code(_ field: Field, secret: EntrySecrets.Kind, isThere: inout Bool?) {
        fields.append(field)
    }
    mutating func code(id field: Field) { fields.append(field) }
    mutating func expect(_ isAsSent: Bool) {}
}
