import SecureMemory
import VaultCrypto

extension VaultContents {
    /// The size of the encoded content without its padding.
    package var encodedCount: Int {
        4 + ancestors.count * VaultFormat.macCount + 4 + records.reduce(0) { $0 + $1.range.count }
    }

    /// Writes the content and its padding into `target`, which is zero and of the padded size.
    package func encode(into target: UnsafeMutableRawBufferPointer) {
        var position = 0
        unsafe target.setLittleEndian(VaultFormat.contentVersion, at: 0)
        unsafe target.setLittleEndian(UInt16(ancestors.count), at: 2)
        position = 4
        for ancestor in ancestors {
            unsafe Self.room(target, at: position, count: ancestor.count).copyBytes(from: ancestor)
            position += ancestor.count
        }
        unsafe target.setLittleEndian(UInt32(records.count), at: position)
        position += 4
        for record in records.sorted(by: { $0.id < $1.id }) {
            unsafe withBytes(of: record.place) { bytes in
                unsafe Self.room(target, at: position, count: record.range.count)
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[record.range]))
            }
            position += record.range.count
        }
        unsafe target[position] = 0x80
    }

    private static func room(
        _ target: UnsafeMutableRawBufferPointer, at position: Int, count: Int
    ) -> UnsafeMutableRawBufferPointer {
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[position..<(position + count)])
    }
}

/// Encodes one record, field by field in the order of their tags.
struct RecordWriter: ~Copyable {
    private(set) var encoded: SecretBuffer
    /// Fields that this version does not know, and which stand at their places among the others.
    private var carried: CarriedFields

    /// - Parameter carried: the unknown fields of the record that this one takes the place of.
    init(type: UInt8, carried: CarriedFields = CarriedFields()) throws(ContentError) {
        self.carried = carried
        do {
            var buffer = try SecretBuffer(capacity: 1024, limit: VaultFormat.fileLimit)
            // The length is not known before the last field.
            let head: [UInt8] = [type, 0, 0, 0, 0]
            _ = try unsafe head.span.bytes.withUnsafeBytes { (head) throws(SecureMemoryError) in
                try unsafe buffer.append(head)
            }
            encoded = buffer
        } catch { throw ContentError(memory: error) }
    }

    mutating func append(_ tag: UInt16, _ value: UnsafeRawBufferPointer) throws(ContentError) {
        while let field = unsafe carried.next(below: Int(tag)) { try unsafe appendBytes(field) }
        try appendInteger(tag)
        try appendInteger(UInt32(clamping: value.count))
        try unsafe appendBytes(value)
    }

    mutating func append(_ tag: UInt16, _ text: String?) throws(ContentError) {
        guard let text else { return }
        let bytes = Array(text.utf8)
        try unsafe bytes.span.bytes.withUnsafeBytes { (bytes) throws(ContentError) in
            try unsafe append(tag, bytes)
        }
    }

    mutating func append(_ tag: UInt16, _ number: (some FixedWidthInteger)?) throws(ContentError) {
        guard let number else { return }
        let little = number.littleEndian
        try unsafe withUnsafeBytes(of: little) { (bytes) throws(ContentError) in
            try unsafe append(tag, bytes)
        }
    }

    mutating func append(_ tag: UInt16, lines: [String]) throws(ContentError) {
        if !lines.isEmpty { try append(tag, lines.joined(separator: "\n")) }
    }

    mutating func append(_ tag: UInt16, _ id: RecordID?) throws(ContentError) {
        guard let id else { return }
        let halves = (id.high.bigEndian, id.low.bigEndian)
        try unsafe withUnsafeBytes(of: halves) { (bytes) throws(ContentError) in
            try unsafe append(tag, bytes)
        }
    }

    /// Sets the record's length, and gives the record up.
    consuming func finish() throws(ContentError) -> SecretBuffer {
        while let field = unsafe carried.next(below: .max) { try unsafe appendBytes(field) }
        let length = UInt32(encoded.count - RecordFormat.headCount)
        encoded.overwrite(at: 1, littleEndian: length)
        return encoded
    }

    private mutating func appendInteger(_ number: some FixedWidthInteger) throws(ContentError) {
        let little = number.littleEndian
        try unsafe withUnsafeBytes(of: little) { (bytes) throws(ContentError) in
            try unsafe appendBytes(bytes)
        }
    }

    private mutating func appendBytes(_ bytes: UnsafeRawBufferPointer) throws(ContentError) {
        let isAppended: Bool
        do { isAppended = try unsafe encoded.append(bytes) } catch { throw ContentError(memory: error) }
        guard isAppended else { throw ContentError(reason: .full) }
    }
}

/// The encoded fields of a record that this version does not know, which are kept as they are.
///
/// It points into the record, and must not outlive it.
@safe
struct CarriedFields {
    private var fields: [(tag: UInt16, bytes: UnsafeRawBufferPointer)] = unsafe []
    private var position = 0

    init() {}

    init(of record: Record, in bytes: UnsafeRawBufferPointer) {
        var position = record.range.lowerBound + RecordFormat.headCount
        while position < record.range.upperBound {
            let tag: UInt16 = unsafe bytes.littleEndian(at: position)
            let end =
                position + RecordFormat.fieldHeadCount
                + Int(unsafe bytes.littleEndian(at: position + 2, as: UInt32.self))
            if case .unknown = RecordFormat.rule(type: record.type, tag: tag) {
                unsafe fields.append((tag, UnsafeRawBufferPointer(rebasing: bytes[position..<end])))
            }
            position = end
        }
    }

    /// The next of them whose tag is below this one.
    mutating func next(below tag: Int) -> UnsafeRawBufferPointer? {
        guard unsafe position < fields.count, unsafe Int(fields[position].tag) < tag else { return nil }
        position += 1
        return unsafe fields[position - 1].bytes
    }
}
