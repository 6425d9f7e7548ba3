/// Reads the records of a table as RFC 4180 has them, and unescapes quoted fields where they lie.
///
/// It accepts more than the RFC: `;` as separator, CR or LF alone as line end, blanks around fields, and
/// quotes inside of an unquoted field, which stand for themselves.
struct CSVReader {
    /// What keeps a record from being read as fields.
    enum Fault {
        case unterminatedQuote
        case textAfterQuote
        case tooLong

        var reason: String {
            switch self {
            case .unterminatedQuote: "a quotation mark is not closed"
            case .textAfterQuote: "text follows a closing quotation mark"
            case .tooLong: "the row is longer than \(ImportLimits.lineBytes) bytes"
            }
        }
    }

    /// The fields of the last record, without blanks around them.
    private(set) var fields: [Range<Int>] = []
    /// The line on which the last record began.
    private(set) var recordLine = 1
    /// What is wrong with the last record.
    private(set) var fault: Fault?

    private let separator: UInt8
    private var position: Int
    private var line = 1

    init(separator: UInt8, start: Int) {
        self.separator = separator
        position = start
    }

    /// Whether nothing stands in the last record, as in rows that a spreadsheet adds at the end.
    var isBlank: Bool { fault == nil && fields.allSatisfy(\.isEmpty) }

    /// Reads the next record; false at the end.
    mutating func next(_ bytes: inout MutableSpan<UInt8>) -> Bool {
        guard position < bytes.count else { return false }
        fields.removeAll(keepingCapacity: true)
        fault = nil
        recordLine = line
        let start = position
        repeat {
            let field = readField(&bytes)
            if fields.count < ImportLimits.columns { fields.append(trimmed(field, bytes.span)) }
        } while skipSeparator(bytes.span)
        if fault == nil, position - start > ImportLimits.lineBytes { fault = .tooLong }
        return true
    }

    private mutating func readField(_ bytes: inout MutableSpan<UInt8>) -> Range<Int> {
        let start = position
        while position < bytes.count, CredentialImport.isBlank(bytes[position]) { position += 1 }
        if position < bytes.count, bytes[position] == quote { return readQuoted(&bytes) }
        while position < bytes.count, !endsField(bytes[position]) { position += 1 }
        return start..<position
    }

    private mutating func readQuoted(_ bytes: inout MutableSpan<UInt8>) -> Range<Int> {
        position += 1
        let start = position
        var end = start
        var closed = false
        while position < bytes.count {
            let byte = bytes[position]
            if byte == quote {
                let isDoubled = position + 1 < bytes.count && bytes[position + 1] == quote
                guard isDoubled else {
                    closed = true
                    position += 1
                    break
                }
                position += 1
            } else if isLineBreak(byte) {
                countLineBreak(bytes.span)
            }
            bytes[end] = byte
            end += 1
            position += 1
        }
        if !closed { fault = .unterminatedQuote }
        while position < bytes.count, !endsField(bytes[position]) {
            if !CredentialImport.isBlank(bytes[position]) { fault = .textAfterQuote }
            position += 1
        }
        return start..<end
    }

    private func endsField(_ byte: UInt8) -> Bool { byte == separator || isLineBreak(byte) }

    /// Steps over what ended the field; false when the record ended with it.
    private mutating func skipSeparator(_ bytes: Span<UInt8>) -> Bool {
        guard position < bytes.count else { return false }
        if bytes[position] == separator {
            position += 1
            return true
        }
        if bytes[position] == carriageReturn, position + 1 < bytes.count, bytes[position + 1] == lineFeed {
            position += 1
        }
        countLineBreak(bytes)
        position += 1
        return false
    }

    /// Counts the line break at the position: the LF of a CRLF, not its CR.
    private mutating func countLineBreak(_ bytes: Span<UInt8>) {
        let isHalf =
            bytes[position] == carriageReturn && position + 1 < bytes.count && bytes[position + 1] == lineFeed
        if !isHalf { line += 1 }
    }
}
