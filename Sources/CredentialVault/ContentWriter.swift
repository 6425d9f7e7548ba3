import SecureMemory
import VaultCrypto

extension VaultContents {
    /// The size of the encoded content without its padding.
    package var encodedCount: Int {
        4 + ancestors.count * VaultFormat.macCount + 4 + records.reduce(0) { $0 + $1.range.count }
    }

    /// Writes the content and its padding into `target`, which is zero and of the padded size.
    package func encode(into target: consuming MutableRawSpan) {
        var target = target
        target.setLittleEndian(VaultFormat.contentVersion, at: 0)
        target.setLittleEndian(UInt16(ancestors.count), at: 2)
        var position = 4
        for ancestor in ancestors {
            target.overwrite(at: position, with: ancestor.rawSpan)
            position += ancestor.count
        }
        target.setLittleEndian(UInt32(records.count), at: position)
        position += 4
        for record in records.sorted(by: { $0.id < $1.id }) {
            target.overwrite(at: position, with: bytes(of: record.place).extracting(record.range))
            position += record.range.count
        }
        target.storeBytes(of: 0x80, toByteOffset: position, as: UInt8.self)
    }
}

extension MutableRawSpan {
    fileprivate mutating func setLittleEndian<T: FixedWidthInteger & BitwiseCopyable>(
        _ value: T, at position: Int
    ) {
        storeBytes(of: value.littleEndian, toByteOffset: position, as: T.self)
    }
}

/// Encodes one record, field by field in the order of their tags.
struct RecordWriter: ~Copyable, ~Escapable {
    private(set) var encoded: SecretBuffer
    /// Fields that this version does not know, and which stand at their places among the others.
    private var carried: CarriedFields

    /// - Parameter carried: the unknown fields of the record that this one takes the place of.
    @_lifetime(copy carried)
    init(type: UInt8, carried: CarriedFields) throws(ContentError) {
        let begun = try Self.begin(type)
        self.carried = carried
        encoded = begun
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

    mutating func append(_ tag: UInt16, _ value: RawSpan) throws(ContentError) {
        while let field = carried.next(below: Int(tag)) { try appendBytes(field) }
        try appendInteger(tag)
        try appendInteger(UInt32(clamping: value.byteCount))
        try appendBytes(value)
    }

    mutating func append(_ tag: UInt16, _ text: String?) throws(ContentError) {
        if let text { try append(tag, text.utf8.span.rawSpan) }
    }

    mutating func append(_ tag: UInt16, _ number: (some FixedWidthInteger)?) throws(ContentError) {
        if let number { try append(tag, Self.bytes(number).rawSpan) }
    }

    mutating func append(_ tag: UInt16, lines: [String]) throws(ContentError) {
        if !lines.isEmpty { try append(tag, lines.joined(separator: "\n")) }
    }

    mutating func append(_ tag: UInt16, _ id: RecordID?) throws(ContentError) {
        if let id { try append(tag, id.bytes.rawSpan) }
    }

    /// Sets the record's length, and gives the record up.
    consuming func finish() throws(ContentError) -> SecretBuffer {
        while let field = carried.next(below: .max) { try appendBytes(field) }
        let length = UInt32(encoded.count - RecordFormat.headCount)
        encoded.overwrite(at: 1, littleEndian: length)
        return encoded
    }

    private mutating func appendInteger(_ number: some FixedWidthInteger) throws(ContentError) {
        try appendBytes(Self.bytes(number).rawSpan)
    }

    private mutating func appendBytes(_ bytes: RawSpan) throws(ContentError) {
        let isAppended: Bool
        do { isAppended = try encoded.append(bytes) } catch { throw ContentError(memory: error) }
        guard isAppended else { throw ContentError(reason: .full) }
    }

    private static func bytes<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
        stride(from: 0, to: Number.bitWidth, by: 8).map { UInt8(truncatingIfNeeded: number >> $0) }
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
        var position = record.range.lowerBound + RecordFormat.headCount
        var known = EncodedFields(of: record.range, in: bytes)
        while let field = known.next() {
            let end = position + field.encoded.byteCount
            if case .unknown = RecordFormat.rule(type: record.type, tag: field.tag) {
                fields.append((field.tag, position..<end))
            }
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
