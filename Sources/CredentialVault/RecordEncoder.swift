import SecureMemory

/// Writes one record, field by field in the order of their tags.
struct RecordEncoder: FieldCoder, ~Copyable, ~Escapable {
    private var encoded: SecretBuffer
    private let id: RecordID
    private let reference: RecordID?
    private let secrets: EntrySecrets?
    /// Fields that this version does not know, and which stand at their places among the others.
    private var carried: CarriedFields

    /// - Parameters:
    ///   - reference: the id of the record that this one refers to.
    ///   - carried: the unknown fields of the record that this one takes the place of.
    @_lifetime(copy secrets, copy carried)
    private init(
        type: UInt8, id: RecordID, reference: RecordID?, secrets: EntrySecrets?, carried: CarriedFields
    ) throws(ContentError) {
        let begun = try Self.begin(type)
        self.id = id
        self.reference = reference
        self.secrets = secrets
        self.carried = carried
        encoded = begun
    }

    /// The encoded record.
    static func encode(
        _ content: some RecordContent, id: RecordID, reference: RecordID? = nil, secrets: EntrySecrets? = nil,
        carried: CarriedFields = CarriedFields()
    ) throws(ContentError) -> SecretBuffer {
        var content = content
        var encoder = try RecordEncoder(
            type: type(of: content).type, id: id, reference: reference, secrets: secrets, carried: carried)
        try content.visit(&encoder)
        return try encoder.finish()
    }

    private static func begin(_ type: UInt8) throws(ContentError) -> SecretBuffer {
        do {
            var buffer = try SecretBuffer(capacity: 1024, limit: VaultFormat.fileLimit)
            // The length is not known before the last field.
            let head: [UInt8] = [type, 0, 0, 0, 0]
            _ = try buffer.append(head.rawSpan)
            return buffer
        } catch { throw ContentError(memory: error) }
    }

    mutating func code(_ field: Field, text: inout String?) throws(ContentError) {
        if let text { try append(field.tag, text.utf8.span.rawSpan) }
    }

    mutating func code(_ field: Field, lines: inout [String]) throws(ContentError) {
        if !lines.isEmpty { try append(field.tag, lines.joined(separator: "\n").utf8.span.rawSpan) }
    }

    mutating func code(_ field: Field, number: inout Int64?) throws(ContentError) {
        if let number { try append(field.tag, number.littleEndian(field.rule.numberCount).rawSpan) }
    }

    mutating func code(_ field: Field, reference: inout String?) throws(ContentError) {
        if reference != nil, let id = self.reference { try append(field.tag, id.bytes.rawSpan) }
    }

    mutating func code(
        _ field: Field, secret: EntrySecrets.Kind, isThere: inout Bool?
    ) throws(ContentError) {
        guard let secrets, let value = secrets.value(secret) else { return }
        try append(field.tag, value)
    }

    mutating func code(id field: Field) throws(ContentError) { try append(field.tag, id.bytes.rawSpan) }

    mutating func expect(_ isAsSent: Bool) throws(ContentError) {}

    /// Sets the record's length, and gives the record up.
    private consuming func finish() throws(ContentError) -> SecretBuffer {
        while let field = carried.next(below: .max) { try append(field) }
        let length = UInt32(encoded.count - RecordLayout.headCount)
        encoded.overwrite(at: 1, littleEndian: length)
        return encoded
    }

    private mutating func append(_ tag: UInt16, _ value: RawSpan) throws(ContentError) {
        while let field = carried.next(below: Int(tag)) { try append(field) }
        let head = Int64(tag).littleEndian(2) + Int64(value.byteCount).littleEndian(4)
        try append(head.rawSpan)
        try append(value)
    }

    private mutating func append(_ bytes: RawSpan) throws(ContentError) {
        let isAppended: Bool
        do { isAppended = try encoded.append(bytes) } catch { throw ContentError(memory: error) }
        guard isAppended else { throw ContentError(reason: .full) }
    }
}

extension Int64 {
    /// The lowest bytes, the lowest one first.
    func littleEndian(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) }
    }
}

/// The encoded fields of a record that this version does not know, which are kept as they are.
struct CarriedFields: ~Escapable {
    private let bytes: RawSpan
    private var fields: [(tag: UInt16, range: Range<Int>)] = []
    private var position = 0

    @_lifetime(immortal)
    init() { bytes = RawSpan() }

    @_lifetime(copy bytes)
    init(of record: Record, in bytes: RawSpan) {
        self.bytes = bytes
        let layout = RecordLayout.of(record.type)
        var position = record.range.lowerBound + RecordLayout.headCount
        var encoded = EncodedFields(of: record.range, in: bytes)
        while let field = encoded.next() {
            let end = position + field.encoded.byteCount
            if layout.field(field.tag) == nil { fields.append((field.tag, position..<end)) }
            position = end
        }
    }

    /// The next of them whose tag is below this one.
    @_lifetime(copy self)
    mutating func next(below tag: Int) -> RawSpan? {
        guard position < fields.count, Int(fields[position].tag) < tag else { return nil }
        position += 1
        return bytes.extracting(fields[position - 1].range)
    }
}
