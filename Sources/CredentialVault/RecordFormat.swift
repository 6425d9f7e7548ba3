/// The record types and field tags of format 1.
enum RecordFormat {
    static let accessKey: UInt8 = 1
    static let role: UInt8 = 2
    static let tombstone: UInt8 = 3
    static let sealedBlob: UInt8 = 4

    /// type (1) and length (4)
    static let headCount = 5
    /// tag (2) and length (4)
    static let fieldHeadCount = 6

    enum Tag {
        static let name: UInt16 = 1
        static let recordID: UInt16 = 2
        static let accessKeyID: UInt16 = 3
        static let secretAccessKey: UInt16 = 4
        static let sessionToken: UInt16 = 5
        static let expiration: UInt16 = 6
        static let accountID: UInt16 = 7
        static let userName: UInt16 = 8
        static let sealedAt: UInt16 = 9
        static let createdAt: UInt16 = 10
        static let changedAt: UInt16 = 11
        static let source: UInt16 = 12
        static let region: UInt16 = 13
        static let note: UInt16 = 14
        static let exposeFor: UInt16 = 15
    }

    /// The tags that a record of `type` must have, ascending.
    static func mandatoryTags(of type: UInt8) -> [UInt16] {
        switch type {
        case accessKey:
            [Tag.name, Tag.recordID, Tag.accessKeyID, Tag.secretAccessKey, Tag.sealedAt, Tag.changedAt]
        case role, sealedBlob: [Tag.name, Tag.recordID, Tag.sealedAt, Tag.changedAt]
        case tombstone: [Tag.recordID, Tag.changedAt]
        default: [Tag.recordID]
        }
    }

    /// What a field's value must be.
    enum Rule {
        case name, recordID, accessKeyID, accountID, time, seconds
        case text(limit: Int)
        case unknown
    }

    static func rule(type: UInt8, tag: UInt16) -> Rule {
        if tag == Tag.recordID { return .recordID }
        switch type {
        case accessKey: return accessKeyRule(tag)
        case role, sealedBlob:
            if tag == Tag.name { return .name }
            return tag == Tag.sealedAt || tag == Tag.changedAt ? .time : .unknown
        case tombstone: return tag == Tag.changedAt ? .time : .unknown
        default: return .unknown
        }
    }

    private static func accessKeyRule(_ tag: UInt16) -> Rule {
        switch tag {
        case Tag.name: .name
        case Tag.accessKeyID: .accessKeyID
        case Tag.secretAccessKey: .text(limit: VaultFormat.secretLimit)
        case Tag.sessionToken: .text(limit: VaultFormat.tokenLimit)
        case Tag.expiration, Tag.sealedAt, Tag.createdAt, Tag.changedAt: .time
        case Tag.accountID: .accountID
        case Tag.userName, Tag.source, Tag.region, Tag.note: .text(limit: VaultFormat.fieldLimit)
        case Tag.exposeFor: .seconds
        default: .unknown
        }
    }

    /// Checks a value; nil when it is right, else what is wrong with it.
    static func fault(in value: UnsafeRawBufferPointer, rule: Rule) -> String? {
        if value.count == 0 { return "is empty" }
        switch rule {
        case .name:
            return unsafe TextRules.isName(value) ? nil : "is no name"
        case .recordID:
            return value.count == 16 ? nil : "is no record id"
        case .accessKeyID:
            return unsafe TextRules.isAccessKeyID(value) ? nil : "is no access key id"
        case .accountID:
            return unsafe TextRules.isAccountID(value) ? nil : "is no account id of 12 digits"
        case .time:
            guard value.count == 8 else { return "is no time" }
            let time: Int64 = unsafe value.littleEndian(at: 0)
            return (0...VaultFormat.latestTime).contains(time) ? nil : "is a time before 1970 or after 9999"
        case .seconds:
            return value.count == 4 ? nil : "is no number of seconds"
        case .text(let limit):
            if value.count > limit { return "has more than \(limit) bytes" }
            return unsafe TextRules.isPlainText(value) ? nil : "is no UTF-8 text without control characters"
        case .unknown:
            return value.count <= VaultFormat.unknownFieldLimit ? nil : "has more than 1 MiB"
        }
    }
}
