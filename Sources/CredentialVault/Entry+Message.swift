/// An entry as it travels between the agent and its clients, without its secrets.
///
/// `u16 tag ‖ u16 length ‖ value`, with the tags of the vault's format; absent values are left out.
extension Entry {
    private typealias Tag = RecordFormat.Tag

    package func encoded() -> [UInt8] {
        var bytes: [UInt8] = []
        func append(_ tag: UInt16, _ value: some Collection<UInt8>) {
            for number in [tag, UInt16(value.count)] { bytes += [UInt8(number & 0xFF), UInt8(number >> 8)] }
            bytes += value
        }
        func append(_ tag: UInt16, _ text: String?) {
            // What does not fit is refused by the vault's own rules, which say so.
            if let text { append(tag, text.utf8.prefix(VaultFormat.fieldLimit + 1)) }
        }
        func append(_ tag: UInt16, _ number: Int64?) {
            if let number { append(tag, (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }) }
        }
        append(Tag.name, name)
        append(Tag.accessKeyID, accessKeyID)
        append(Tag.sessionToken, hasSessionToken ? 1 : nil)
        append(Tag.expiration, expiration)
        append(Tag.accountID, accountID)
        append(Tag.userName, userName)
        append(Tag.sealedAt, sealedAt)
        append(Tag.createdAt, createdAt)
        append(Tag.changedAt, changedAt)
        append(Tag.source, source)
        append(Tag.region, region)
        append(Tag.note, note)
        append(Tag.exposeFor, exposeFor.map { Int64($0) })
        return bytes
    }

    /// Nil when the bytes are no entry.
    package init?(encoded bytes: UnsafeRawBufferPointer) {
        self.init(name: "", accessKeyID: "")
        var position = 0
        while position < bytes.count {
            guard bytes.count - position >= 4 else { return nil }
            let tag: UInt16 = unsafe bytes.littleEndian(at: position)
            let length = Int(unsafe bytes.littleEndian(at: position + 2, as: UInt16.self))
            let start = position + 4
            guard length <= bytes.count - start else { return nil }
            let value = unsafe UnsafeRawBufferPointer(rebasing: bytes[start..<(start + length)])
            guard unsafe set(tag, value) else { return nil }
            position = start + length
        }
    }

    private mutating func set(_ tag: UInt16, _ value: UnsafeRawBufferPointer) -> Bool {
        switch tag {
        case Tag.name, Tag.accessKeyID, Tag.accountID, Tag.userName, Tag.source, Tag.region, Tag.note:
            guard let text = unsafe String(validating: value, as: UTF8.self) else { return false }
            setText(tag, text)
            return true
        default:
            guard value.count == 8 else { return false }
            return setNumber(tag, unsafe value.littleEndian(at: 0))
        }
    }

    private mutating func setText(_ tag: UInt16, _ text: String) {
        switch tag {
        case Tag.name: name = text
        case Tag.accessKeyID: accessKeyID = text
        case Tag.accountID: accountID = text
        case Tag.userName: userName = text
        case Tag.source: source = text
        case Tag.region: region = text
        default: note = text
        }
    }

    private mutating func setNumber(_ tag: UInt16, _ number: Int64) -> Bool {
        switch tag {
        case Tag.sessionToken: hasSessionToken = number == 1
        case Tag.expiration: expiration = number
        case Tag.sealedAt: sealedAt = number
        case Tag.createdAt: createdAt = number
        case Tag.changedAt: changedAt = number
        case Tag.exposeFor:
            guard let seconds = UInt32(exactly: number) else { return false }
            exposeFor = seconds
        default: return false
        }
        return true
    }
}
