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

    init(type: UInt8) throws(ContentError) {
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

    /// Appends fields that are encoded already.
    mutating func appendEncoded(_ fields: UnsafeRawBufferPointer) throws(ContentError) {
        try unsafe appendBytes(fields)
    }

    /// Sets the record's length, and gives the record up.
    consuming func finish() throws(ContentError) -> SecretBuffer {
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
