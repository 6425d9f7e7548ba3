import SecureMemory
import VaultCrypto

/// Sixteen random bytes that name a record for ever; compared bytewise.
struct RecordID: Hashable, Comparable {
    let high: UInt64
    let low: UInt64

    init(_ bytes: RawSpan) {
        high = bytes.littleEndian(UInt64.self, at: 0).byteSwapped
        low = bytes.littleEndian(UInt64.self, at: 8).byteSwapped
    }

    var bytes: [UInt8] {
        [high, low].flatMap { half in (0..<8).reversed().map { UInt8(truncatingIfNeeded: half >> ($0 * 8)) } }
    }

    static func random() -> RecordID { RecordID(Sodium.randomPublicBytes(16).rawSpan) }

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

    var isTombstone: Bool { type == RecordFormat.tombstone }

    /// Whether names of this record's type are unique over the vault.
    var hasUniqueName: Bool { type == RecordFormat.accessKey || type == RecordFormat.role }
}

/// Walks over the fields of one record and checks every rule of the format.
struct RecordReader: ~Escapable {
    private let bytes: RawSpan

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    /// Reads the record at `offset`.
    func read(at offset: Int, place: Record.Place, isNew: Bool = false) throws(ContentError) -> Record {
        guard bytes.byteCount - offset >= RecordFormat.headCount else {
            throw .damaged("a record is cut off")
        }
        let type = bytes.byte(at: offset)
        let length = Int(bytes.littleEndian(UInt32.self, at: offset + 1))
        let start = offset + RecordFormat.headCount
        guard length <= bytes.byteCount - start else {
            throw .damaged("a record is longer than the content")
        }
        let stop = start + length

        var mandatory = RecordFormat.mandatoryTags(of: type)[...]
        var previousTag: UInt16 = 0
        var position = start
        var id: RecordID?
        var name: String?
        var changedAt: Int64 = 0
        while position < stop {
            let (tag, value) = try field(at: position, stop: stop)
            guard tag > previousTag else { throw .damaged("the fields of a record are out of order") }
            previousTag = tag
            if let next = mandatory.first, tag >= next {
                guard tag == next else { throw .damaged("a record lacks its field \(next)") }
                mandatory = mandatory.dropFirst()
            }
            let content = bytes.extracting(value)
            let rule = RecordFormat.rule(type: type, tag: tag)
            if let fault = RecordFormat.fault(in: content, rule: rule) {
                // A value that a person has just given is named as they know it.
                throw isNew
                    ? .invalid(RecordFormat.complaint(tag: tag, rule: rule))
                    : .damaged("field \(tag) of a record of type \(type) \(fault)")
            }
            switch rule {
            case .recordID where tag == RecordFormat.Tag.recordID: id = RecordID(content)
            case .name: name = content.text()
            case .time where tag == RecordFormat.Tag.changedAt: changedAt = content.littleEndian(at: 0)
            default: break
            }
            position = value.upperBound
        }
        if let missing = mandatory.first { throw .damaged("a record lacks its field \(missing)") }
        guard let id else { throw .damaged("a record lacks its field 2") }
        return Record(
            type: type, id: id, place: place, range: offset..<stop, name: name, changedAt: changedAt)
    }

    private func field(
        at position: Int, stop: Int
    ) throws(ContentError) -> (UInt16, Range<Int>) {
        guard stop - position >= RecordFormat.fieldHeadCount else { throw .damaged("a field is cut off") }
        let length = Int(bytes.littleEndian(UInt32.self, at: position + 2))
        let start = position + RecordFormat.fieldHeadCount
        guard length <= stop - start else { throw .damaged("a field is longer than its record") }
        return (bytes.littleEndian(at: position), start..<(start + length))
    }
}
