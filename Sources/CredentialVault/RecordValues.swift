import SecureMemory

/// One encoded field of a record that was checked when the record was read.
struct EncodedField: ~Escapable {
    let tag: UInt16
    let value: RawSpan
    /// The whole field, tag and length included.
    let encoded: RawSpan

    @_lifetime(copy bytes)
    fileprivate init(at position: Int, of bytes: RawSpan) {
        tag = bytes.littleEndian(at: position)
        let start = position + RecordFormat.fieldHeadCount
        let end = start + Int(bytes.littleEndian(UInt32.self, at: position + 2))
        value = bytes.extracting(start..<end)
        encoded = bytes.extracting(position..<end)
    }

    var text: String { value.text() ?? "" }
    var lines: [String] { text.split(separator: "\n").map(String.init) }
    var time: Int64 { value.littleEndian(at: 0) }
    var seconds: UInt32 { value.littleEndian(at: 0) }
    var byte: UInt8 { value.byte(at: 0) }
    var id: RecordID { RecordID(value) }
}

/// The fields of a record that was read before, in the order of their tags.
struct EncodedFields: ~Escapable {
    private let bytes: RawSpan
    private var position: Int

    /// - Parameter range: where the record lies, type and length included.
    @_lifetime(copy bytes)
    init(of range: Range<Int>, in bytes: RawSpan) {
        self.bytes = bytes.extracting(range)
        position = RecordFormat.headCount
    }

    @_lifetime(copy self)
    mutating func next() -> EncodedField? {
        guard position < bytes.byteCount else { return nil }
        let field = EncodedField(at: position, of: bytes)
        position += field.encoded.byteCount
        return field
    }

    /// The value of a field, or nil when the record has none of this tag.
    @_lifetime(copy bytes)
    static func value(_ tag: UInt16, of record: Record, in bytes: RawSpan) -> RawSpan? {
        var fields = EncodedFields(of: record.range, in: bytes)
        while let field = fields.next() {
            if field.tag == tag { return field.value }
            if field.tag > tag { return nil }
        }
        return nil
    }

    /// The id of a record in a field, or nil when the record has none of this tag.
    static func id(_ tag: UInt16, of record: Record, in bytes: RawSpan) -> RecordID? {
        guard let value = value(tag, of: record, in: bytes) else { return nil }
        return RecordID(value)
    }
}
