import SecureMemory

/// Reads a record that was checked before.
struct RecordDecoder: FieldCoder, ~Escapable {
    private var fields: EncodedFields
    /// The id of the record that this one refers to.
    private(set) var reference: RecordID?
    private(set) var key: RawSpan
    private(set) var token: Optional<RawSpan>
    private(set) var seed: Optional<RawSpan>
    private(set) var other: Optional<RawSpan>

    @_lifetime(copy bytes)
    init(_ record: Record, in bytes: RawSpan) {
        fields = EncodedFields(of: record.range, in: bytes)
        key = RawSpan()
        token = nil
        seed = nil
        other = nil
    }

    /// The secrets that were met.
    var secrets: EntrySecrets {
        @_lifetime(copy self)
        get { EntrySecrets(key: key, token: token, seed: seed, other: other) }
    }

    mutating func code(_ field: Field, text: inout String?) {
        if let value = fields.value(of: field.tag) { text = value.text() }
    }

    mutating func code(_ field: Field, lines: inout [String]) {
        guard let value = fields.value(of: field.tag), let text = value.text() else { return }
        lines = text.split(separator: "\n").map(String.init)
    }

    mutating func code(_ field: Field, number: inout Int64?) {
        guard let value = fields.value(of: field.tag) else { return }
        number =
            switch field.rule.numberCount {
            case 1: Int64(value.byte(at: 0))
            case 4: Int64(value.littleEndian(UInt32.self, at: 0))
            default: value.littleEndian(at: 0)
            }
    }

    mutating func code(_ field: Field, reference: inout String?) {
        guard let value = fields.value(of: field.tag) else { return }
        self.reference = RecordID(value)
        reference = ""
    }

    mutating func code(_ field: Field, secret: EntrySecrets.Kind, isThere: inout Bool?) {
        guard let value = fields.value(of: field.tag) else { return }
        if isThere != nil { isThere = true }
        switch secret {
        case .key: key = value
        case .token: token = value
        case .seed: seed = value
        case .other: other = value
        }
    }

    mutating func code(id field: Field) {}
    mutating func expect(_ isAsSent: Bool) {}
}

/// An entry or a role, which may refer to another record by its name.
protocol ReferringRecord: RecordContent {
    /// The name of the record that this one refers to; empty for one that is gone.
    var reference: String? { get set }
}

extension ReferringRecord {
    /// The values of a record that was checked when it was read.
    ///
    /// - Parameter name: tells the name of a record.
    init(_ record: Record, in bytes: RawSpan, name: (RecordID) -> String? = { _ in nil }) {
        self.init()
        var decoder = RecordDecoder(record, in: bytes)
        visit(&decoder)
        if let id = decoder.reference { reference = name(id) ?? "" }
    }
}
