/// The value of one field that was checked when its record was read; valid as long as the record is.
@safe
struct FieldValue {
    private let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }

    var text: String { unsafe String(decoding: bytes, as: UTF8.self) }
    var lines: [String] { text.split(separator: "\n").map(String.init) }
    var time: Int64 { unsafe bytes.littleEndian(at: 0) }
    var seconds: UInt32 { unsafe bytes.littleEndian(at: 0) }
    var byte: UInt8 { unsafe bytes[0] }
    var id: RecordID { unsafe RecordID(bytes) }
}

extension RecordReader {
    /// Calls `body` with each field of a record that was read before.
    static func forEach(
        of record: Record, in bytes: UnsafeRawBufferPointer, _ body: (UInt16, FieldValue) -> Void
    ) {
        var position = record.range.lowerBound + RecordFormat.headCount
        while position < record.range.upperBound {
            let tag: UInt16 = unsafe bytes.littleEndian(at: position)
            let length = Int(unsafe bytes.littleEndian(at: position + 2, as: UInt32.self))
            let start = position + RecordFormat.fieldHeadCount
            unsafe body(tag, FieldValue(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)])))
            position = start + length
        }
    }
}
