import AWSValues
import SecureMemory

/// Writes what is known of an entry or a role, as it travels between the agent and its clients: no secret.
///
/// `u16 tag ‖ u16 length ‖ value`, with the tags of the vault's format; absent values are left out, numbers
/// have eight bytes, and names stand where the vault has ids of records.
struct MessageWriter {
    private(set) var bytes: [UInt8] = []

    mutating func append(_ tag: UInt16, _ value: some Collection<UInt8>) {
        for number in [tag, UInt16(value.count)] { bytes += [UInt8(number & 0xFF), UInt8(number >> 8)] }
        bytes += value
    }

    mutating func append(_ tag: UInt16, _ text: String?) {
        // What does not fit is refused by the vault's own rules, which say so.
        if let text { append(tag, text.utf8.prefix(VaultFormat.tagsLimit + 1)) }
    }

    mutating func append(_ tag: UInt16, lines: [String]) {
        if !lines.isEmpty { append(tag, lines.joined(separator: "\n")) }
    }

    mutating func append(_ tag: UInt16, _ number: Int64?) {
        if let number { append(tag, (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }) }
    }
}

/// One value of such a message.
struct MessageValue: ~Escapable {
    private let bytes: RawSpan

    @_lifetime(copy bytes)
    init(_ bytes: RawSpan) { self.bytes = bytes }

    /// Calls `body` with every tag and value until it returns false.
    ///
    /// - Returns: false when the bytes are no message, or when `body` did.
    static func forEach(_ bytes: RawSpan, _ body: (UInt16, MessageValue) -> Bool) -> Bool {
        var position = 0
        while position < bytes.byteCount {
            guard bytes.byteCount - position >= 4 else { return false }
            let tag: UInt16 = bytes.littleEndian(at: position)
            let length = Int(bytes.littleEndian(UInt16.self, at: position + 2))
            let start = position + 4
            guard length <= bytes.byteCount - start else { return false }
            guard body(tag, MessageValue(bytes.extracting(start..<(start + length)))) else { return false }
            position = start + length
        }
        return true
    }

    func read(_ target: inout String) -> Bool {
        guard let text = bytes.text() else { return false }
        target = text
        return true
    }

    func read(_ target: inout String?) -> Bool {
        guard let text = bytes.text() else { return false }
        target = text
        return true
    }

    func read(_ target: inout [String]) -> Bool {
        guard let text = bytes.text() else { return false }
        target = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return true
    }

    func read<Number: FixedWidthInteger>(_ target: inout Number?) -> Bool {
        guard let value = number, let exact = Number(exactly: value) else { return false }
        target = exact
        return true
    }

    /// Reads a time; one that no vault can hold is refused.
    func readTime(_ target: inout Int64) -> Bool {
        guard let number, Timestamp.range.contains(number) else { return false }
        target = number
        return true
    }

    func readTime(_ target: inout Int64?) -> Bool {
        guard let number, Timestamp.range.contains(number) else { return false }
        target = number
        return true
    }

    func read(_ target: inout Bool) -> Bool {
        guard let number else { return false }
        target = number == 1
        return true
    }

    var number: Int64? { bytes.byteCount == 8 ? bytes.littleEndian(at: 0) : nil }
}
