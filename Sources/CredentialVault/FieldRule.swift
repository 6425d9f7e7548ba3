import AWSValues
import SecureMemory

/// What the value of a field must be.
enum FieldRule: Sendable {
    case name, recordID, reference, accessKeyID, accountID, time
    /// UTF-8 of so many bytes, without control characters.
    case text(ClosedRange<Int>)
    /// Such text, whose lines are parted by one line feed each; none is empty.
    case lines(limit: Int, count: Int)
    /// One byte.
    case choice(ClosedRange<UInt8>)
    /// A number of seconds.
    case seconds(ClosedRange<UInt32>)
    case bytes(ClosedRange<Int>)
    /// Of a later version.
    case unknown

    func accepts(_ value: RawSpan) -> Bool {
        if value.byteCount == 0 { return false }
        return switch self {
        case .name: EntryName.isValid(value.octets)
        case .recordID, .reference: value.byteCount == RecordID.count
        case .accessKeyID: AccessKeyID.isValid(value.octets)
        case .accountID: AccountID.isValid(value.octets)
        case .time: value.byteCount == 8 && Timestamp.range.contains(value.littleEndian(at: 0))
        case .text(let counts): counts.contains(value.byteCount) && UTF8Text.isPlain(value.octets)
        case .lines(let limit, let most): value.byteCount <= limit && Self.areLines(value, most: most)
        case .choice(let range): value.byteCount == 1 && range.contains(value.byte(at: 0))
        case .seconds(let range): value.byteCount == 4 && range.contains(value.littleEndian(at: 0))
        case .bytes(let counts): counts.contains(value.byteCount)
        case .unknown: value.byteCount <= VaultFormat.unknownFieldLimit
        }
    }

    /// Whether a text that does not come from a vault can be shown as such a value; its length does not matter.
    func canShow(_ text: String) -> Bool {
        switch self {
        case .name: EntryName.isValid(text)
        case .reference: text.isEmpty || EntryName.isValid(text)
        case .accessKeyID: AccessKeyID.isValid(text)
        case .accountID: AccountID.isValid(text)
        default: UTF8Text.isPlain(text)
        }
    }

    /// The numbers that a value may be.
    var numbers: ClosedRange<Int64> {
        switch self {
        case .time: Timestamp.range
        case .choice: 0...Int64(UInt8.max)
        case .seconds: 0...Int64(UInt32.max)
        default: Int64.min...Int64.max
        }
    }

    /// How many bytes a number has in a record.
    var numberCount: Int {
        switch self {
        case .choice: 1
        case .seconds: 4
        default: 8
        }
    }

    /// What a value must be, for people.
    var requirement: String {
        let plain = "must not contain line breaks or other control characters"
        return switch self {
        case .name: "it must start with a letter and have at most 128 letters, digits and ._@+/-"
        case .recordID, .reference: "it must have \(RecordID.count) bytes"
        case .accessKeyID: "it must have 16 to 128 capital letters and digits"
        case .accountID: AccountID.rule
        case .time: "it must be a time from 1970 to 9999"
        case .text(let counts):
            "it must have \(counts.lowerBound) to \(counts.upperBound) bytes and \(plain)"
        case .lines(let limit, let most):
            "there may be \(most) with \(limit) bytes together, and they \(plain)"
        case .choice: "unknown choice"
        case .seconds(0...UInt32.max): "it must be a number of seconds"
        case .seconds(let range): "it must be \(range.lowerBound) to \(range.upperBound) seconds"
        case .bytes(let counts): "it must have \(counts.lowerBound) to \(counts.upperBound) bytes"
        case .unknown: "it must have 1 byte to 1 MiB"
        }
    }

    private static func areLines(_ value: RawSpan, most: Int) -> Bool {
        var start = 0
        var count = 0
        for end in 0...value.byteCount {
            if end < value.byteCount, value.byte(at: end) != UInt8(ascii: "\n") { continue }
            count += 1
            guard end > start, count <= most, UTF8Text.isPlain(value.extracting(start..<end).octets) else {
                return false
            }
            start = end + 1
        }
        return true
    }
}
