import SecureMemory

/// An entry or a role as it travels between the agent and its clients: no secret.
///
/// `u16 tag ‖ u16 length ‖ value`, with the tags of the vault's format; absent values are left out, numbers have
/// eight bytes, names stand where the vault has ids of records, and a secret that is told of is the number 1.
extension ReferringRecord {
    fileprivate var message: [UInt8] {
        var record = self
        var writer = MessageWriter()
        record.visit(&writer)
        return writer.bytes
    }

    /// Reads a message; nil when the bytes are none of such a record.
    fileprivate init?(message bytes: RawSpan) {
        self.init()
        var reader = MessageReader(bytes)
        do {
            try visit(&reader)
            guard reader.isAtEnd else { return nil }
        } catch { return nil }
    }
}

private struct MessageWriter: FieldCoder {
    static let isOfMessages = true
    private(set) var bytes: [UInt8] = []

    mutating func code(_ field: Field, text: inout String?) {
        if let text { append(field.tag, text) }
    }

    mutating func code(_ field: Field, lines: inout [String]) {
        if !lines.isEmpty { append(field.tag, lines.joined(separator: "\n")) }
    }

    mutating func code(_ field: Field, number: inout Int64?) {
        if let number { append(field.tag, number.littleEndian(8)) }
    }

    mutating func code(_ field: Field, reference: inout String?) {
        if let reference { append(field.tag, reference) }
    }

    mutating func code(_ field: Field, secret: EntrySecrets.Kind, isThere: inout Bool?) {
        if isThere == true { append(field.tag, Int64(1).littleEndian(8)) }
    }

    mutating func code(id field: Field) {}
    mutating func expect(_ isAsSent: Bool) {}

    private mutating func append(_ tag: UInt16, _ text: String) {
        // What does not fit is refused by the vault's own rules, which say so.
        append(tag, text.utf8.prefix(VaultFormat.tagsLimit + 1))
    }

    private mutating func append(_ tag: UInt16, _ value: some Collection<UInt8>) {
        bytes += Int64(tag).littleEndian(2) + Int64(value.count).littleEndian(2) + value
    }
}

private struct MessageReader: FieldCoder, ~Escapable {
    /// The bytes are no message of this record.
    struct Malformed: Error {}
    typealias Failure = Malformed

    static let isOfMessages = true
    private let bytes: RawSpan
    private var position = 0

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.byteCount }

    mutating func code(_ field: Field, text: inout String?) throws(Malformed) {
        guard let value = try value(of: field) else { return }
        guard let read = value.text() else { throw Malformed() }
        text = read
    }

    mutating func code(_ field: Field, lines: inout [String]) throws(Malformed) {
        var text: String?
        try code(field, text: &text)
        if let text { lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) }
    }

    mutating func code(_ field: Field, number: inout Int64?) throws(Malformed) {
        guard let value = try value(of: field) else { return }
        guard value.byteCount == 8 else { throw Malformed() }
        let read: Int64 = value.littleEndian(at: 0)
        guard field.rule.numbers.contains(read) else { throw Malformed() }
        number = read
    }

    mutating func code(_ field: Field, reference: inout String?) throws(Malformed) {
        try code(field, text: &reference)
    }

    mutating func code(
        _ field: Field, secret: EntrySecrets.Kind, isThere: inout Bool?
    ) throws(Malformed) {
        guard isThere != nil else { return }
        var number: Int64?
        try code(field, number: &number)
        isThere = number == 1
    }

    mutating func code(id field: Field) {}

    mutating func expect(_ isAsSent: Bool) throws(Malformed) {
        guard isAsSent else { throw Malformed() }
    }

    /// The value of the next field when it is this one; a field before it is none of the record.
    @_lifetime(copy self)
    private mutating func value(of field: Field) throws(Malformed) -> RawSpan? {
        if isAtEnd { return nil }
        guard bytes.byteCount - position >= 4 else { throw Malformed() }
        let tag: UInt16 = bytes.littleEndian(at: position)
        let length = Int(bytes.littleEndian(UInt16.self, at: position + 2))
        let start = position + 4
        guard tag >= field.tag, length <= bytes.byteCount - start else { throw Malformed() }
        if tag > field.tag { return nil }
        position = start + length
        return bytes.extracting(start..<position)
    }
}

extension Entry {
    /// The entry as a message.
    package func encoded() -> [UInt8] { message }

    /// Reads a message; nil when the bytes are no entry.
    package init?(encoded bytes: RawSpan) { self.init(message: bytes) }
}

extension Role {
    /// The role as a message.
    package func encoded() -> [UInt8] { message }

    /// Reads a message; nil when the bytes are no role; an entry's are none.
    package init?(encoded bytes: RawSpan) {
        self.init(message: bytes)
        if roleARN.isEmpty { return nil }
    }
}
