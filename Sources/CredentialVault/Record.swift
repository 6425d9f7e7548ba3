import SecureMemory
import VaultCrypto

/// Sixteen random bytes that name a record for ever; compared bytewise.
struct RecordID: Hashable, Comparable {
    static let count = 16

    let high: UInt64
    let low: UInt64

    init(_ bytes: RawSpan) {
        high = bytes.littleEndian(UInt64.self, at: 0).byteSwapped
        low = bytes.littleEndian(UInt64.self, at: 8).byteSwapped
    }

    var bytes: [UInt8] {
        [high, low].flatMap { half in (0..<8).reversed().map { UInt8(truncatingIfNeeded: half >> ($0 * 8)) } }
    }

    static func random() -> RecordID { RecordID(Sodium.randomPublicBytes(count).rawSpan) }

    static func < (one: RecordID, other: RecordID) -> Bool {
        one.high != other.high ? one.high < other.high : one.low < other.low
    }
}

/// Where a record lies in secret memory. The record itself is never copied out.
struct Record {
    /// Which buffer holds it: the vault's file image, or the records added since.
    enum Place { case image, added }

    let type: UInt8
    let id: RecordID
    let place: Place
    /// The whole record in its buffer, type and length included.
    var range: Range<Int>
    /// The name, for the types that have one.
    let name: String?
    /// When the record was changed last, for the types that say so.
    let changedAt: Int64

    var isTombstone: Bool { type == RecordType.tombstone }

    /// Whether names of this record's type are unique over the vault.
    var hasUniqueName: Bool { type == RecordType.accessKey || type == RecordType.role }
}

/// Walks over the fields of one record and checks every rule of the format.
struct RecordReader: ~Escapable {
    private let bytes: RawSpan

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    /// Reads the record at `offset`.
    func read(at offset: Int, place: Record.Place, isNew: Bool = false) throws(ContentError) -> Record {
        guard bytes.byteCount - offset >= RecordLayout.headCount else {
            throw .damaged("an entry is cut off")
        }
        let type = bytes.byte(at: offset)
        let length = Int(bytes.littleEndian(UInt32.self, at: offset + 1))
        let start = offset + RecordLayout.headCount
        guard length <= bytes.byteCount - start else {
            throw .damaged("an entry goes beyond the end")
        }
        let stop = start + length

        var expected = RecordLayout.of(type).fields[...]
        var previousTag: UInt16 = 0
        var position = start
        var id: RecordID?
        var name: String?
        var changedAt: Int64 = 0
        while position < stop {
            let (tag, value) = try field(at: position, stop: stop)
            guard tag > previousTag else { throw .damaged("the fields of an entry are out of order") }
            previousTag = tag
            try Self.skip(&expected, below: tag)
            let field = expected.first?.tag == tag ? expected.removeFirst() : Field(tag: tag)
            let content = bytes.extracting(value)
            guard field.rule.accepts(content) else {
                throw isNew ? .invalid(field.complaint) : .damaged(field.complaint)
            }
            switch field.rule {
            case .recordID: id = RecordID(content)
            case .name: name = content.text()
            case .time where tag == RecordLayout.changedAtTag: changedAt = content.littleEndian(at: 0)
            default: break
            }
            position = value.upperBound
        }
        try Self.skip(&expected, below: nil)
        guard let id else { throw .damaged("missing record ID") }
        return Record(
            type: type, id: id, place: place, range: offset..<stop, name: name, changedAt: changedAt)
    }

    /// Goes on to the field with this tag, or to the end; none on the way may be one that the record must have.
    private static func skip(
        _ expected: inout ArraySlice<Field>, below tag: UInt16?
    ) throws(ContentError) {
        while let field = expected.first, tag.map({ field.tag < $0 }) ?? true {
            guard !field.isMandatory else { throw .damaged("missing \(field.name)") }
            expected.removeFirst()
        }
    }

    private func field(
        at position: Int, stop: Int
    ) throws(ContentError) -> (UInt16, Range<Int>) {
        guard stop - position >= RecordLayout.fieldHeadCount else { throw .damaged("a field is cut off") }
        let length = Int(bytes.littleEndian(UInt32.self, at: position + 2))
        let start = position + RecordLayout.fieldHeadCount
        guard length <= stop - start else { throw .damaged("a field goes beyond the end of its entry") }
        return (bytes.littleEndian(at: position), start..<(start + length))
    }
}
