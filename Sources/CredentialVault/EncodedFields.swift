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
        let start = position + RecordLayout.fieldHeadCount
        let end = start + Int(bytes.littleEndian(UInt32.self, at: position + 2))
        value = bytes.extracting(start..<end)
        encoded = bytes.extracting(position..<end)
    }
}

/// The fields of a record that was read before, in the order of their tags.
struct EncodedFields: ~Escapable {
    private let bytes: RawSpan
    private var position: Int

    /// - Parameter range: where the record lies, type and length included.
    @_lifetime(copy bytes)
    init(of range: Range<Int>, in bytes: RawSpan) {
        self.bytes = bytes.extracting(range)
        position = RecordLayout.headCount
    }

    @_lifetime(copy self)
    mutating func next() -> EncodedField? {
        guard position < bytes.byteCount else { return nil }
        let field = EncodedField(at: position, of: bytes)
        position += field.encoded.byteCount
        return field
    }

    /// The value of the field with this tag, which no smaller one was asked for before; nil when there is none.
    @_lifetime(copy self)
    mutating func value(of tag: UInt16) -> RawSpan? {
        while position < bytes.byteCount {
            let field = EncodedField(at: position, of: bytes)
            if field.tag > tag { return nil }
            position += field.encoded.byteCount
            if field.tag == tag { return field.value }
        }
        return nil
    }
}

extension Record {
    /// The id of the record that this one refers to.
    func reference(in bytes: RawSpan) -> RecordID? {
        var fields = EncodedFields(of: range, in: bytes)
        guard let field = RecordLayout.of(type).reference, let value = fields.value(of: field.tag) else {
            return nil
        }
        return RecordID(value)
    }
}
