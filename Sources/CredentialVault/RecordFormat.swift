import AWSValues
import SecureMemory

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
        static let serve: UInt16 = 16
        static let servedRole: UInt16 = 17
        static let stsEndpoint: UInt16 = 18
        static let iamEndpoint: UInt16 = 19
        static let caBundle: UInt16 = 20
        static let mfaSerial: UInt16 = 21
        static let oneTimeCodeSeed: UInt16 = 22
        static let sessionSeconds: UInt16 = 23
        static let rotationPhase: UInt16 = 24
        static let rotationBeganAt: UInt16 = 25
        static let rotationKeysBefore: UInt16 = 26
        static let otherAccessKeyID: UInt16 = 27
        static let otherSecretAccessKey: UInt16 = 28
        static let otherCreatedAt: UInt16 = 29
        static let otherDeleteAfter: UInt16 = 30
        static let lastUsedAt: UInt16 = 31
        static let lastUsedAskedAt: UInt16 = 32
        static let roleARN: UInt16 = 33
        static let roleSource: UInt16 = 34
        static let externalID: UInt16 = 35
        static let policy: UInt16 = 36
        static let policyARNs: UInt16 = 37
        static let sessionTags: UInt16 = 38
        static let transitiveTagKeys: UInt16 = 39
        static let sourceIdentity: UInt16 = 40
        static let sessionName: UInt16 = 41
    }

    /// The tags that a record of `type` must have, ascending.
    static func mandatoryTags(of type: UInt8) -> [UInt16] {
        switch type {
        case accessKey:
            [Tag.name, Tag.recordID, Tag.accessKeyID, Tag.secretAccessKey, Tag.sealedAt, Tag.changedAt]
        case role: [Tag.name, Tag.recordID, Tag.sealedAt, Tag.changedAt, Tag.roleARN, Tag.roleSource]
        case sealedBlob: [Tag.name, Tag.recordID, Tag.sealedAt, Tag.changedAt]
        case tombstone: [Tag.recordID, Tag.changedAt]
        default: [Tag.recordID]
        }
    }

    /// What a field's value must be.
    enum Rule {
        case name, recordID, accessKeyID, accountID, time, seconds
        case text(limit: Int)
        /// Text of so many bytes.
        case sized(ClosedRange<Int>)
        /// Text whose lines are parted by one line feed each; none is empty.
        case lines(limit: Int, count: Int)
        /// One byte.
        case choice(ClosedRange<UInt8>)
        /// A number of seconds within bounds.
        case duration(ClosedRange<UInt32>)
        case bytes(ClosedRange<Int>)
        case unknown
    }

    static func rule(type: UInt8, tag: UInt16) -> Rule {
        if tag == Tag.recordID { return .recordID }
        switch type {
        case accessKey: return accessKeyRule(tag)
        case role: return roleRule(tag)
        case sealedBlob:
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
        case Tag.serve: .choice(1...2)
        case Tag.servedRole: .recordID
        case Tag.stsEndpoint, Tag.iamEndpoint: .text(limit: VaultFormat.endpointLimit)
        case Tag.caBundle: .text(limit: VaultFormat.pathLimit)
        case Tag.mfaSerial: .text(limit: VaultFormat.serialLimit)
        case Tag.oneTimeCodeSeed: .bytes(VaultFormat.seedCounts)
        case Tag.sessionSeconds: .duration(900...129_600)
        case Tag.rotationPhase: .choice(1...UInt8.max)
        case Tag.rotationBeganAt, Tag.otherCreatedAt, Tag.otherDeleteAfter, Tag.lastUsedAt,
            Tag.lastUsedAskedAt:
            .time
        case Tag.rotationKeysBefore: .lines(limit: VaultFormat.fieldLimit, count: 16)
        case Tag.otherAccessKeyID: .accessKeyID
        case Tag.otherSecretAccessKey: .text(limit: VaultFormat.secretLimit)
        default: .unknown
        }
    }

    private static func roleRule(_ tag: UInt16) -> Rule {
        switch tag {
        case Tag.name: .name
        case Tag.sealedAt, Tag.changedAt: .time
        case Tag.region, Tag.note: .text(limit: VaultFormat.fieldLimit)
        case Tag.stsEndpoint: .text(limit: VaultFormat.endpointLimit)
        case Tag.caBundle: .text(limit: VaultFormat.pathLimit)
        case Tag.mfaSerial: .text(limit: VaultFormat.serialLimit)
        case Tag.sessionSeconds: .duration(900...43_200)
        case Tag.roleARN: .text(limit: 2048)
        case Tag.roleSource: .recordID
        case Tag.externalID: .sized(2...1224)
        case Tag.policy: .text(limit: 2048)
        case Tag.policyARNs: .lines(limit: VaultFormat.fieldLimit, count: 10)
        case Tag.sessionTags: .lines(limit: VaultFormat.tagsLimit, count: 50)
        case Tag.transitiveTagKeys: .lines(limit: VaultFormat.tagKeysLimit, count: 50)
        case Tag.sourceIdentity, Tag.sessionName: .sized(2...64)
        default: .unknown
        }
    }

    /// Checks a value; nil when it is right, else what is wrong with it.
    static func fault(in value: RawSpan, rule: Rule) -> String? {
        if value.byteCount == 0 { return "is empty" }
        switch rule {
        case .name:
            return EntryName.isValid(value.octets) ? nil : "is no name"
        case .recordID:
            return value.byteCount == 16 ? nil : "is no record id"
        case .accessKeyID:
            return AccessKeyID.isValid(value.octets) ? nil : "is no access key id"
        case .accountID:
            return AccountID.isValid(value.octets)
                ? nil : "is no account id of \(AccountID.length) digits"
        case .time:
            guard value.byteCount == 8 else { return "is no time" }
            let time: Int64 = value.littleEndian(at: 0)
            return Timestamp.range.contains(time) ? nil : "is a time before 1970 or after 9999"
        case .seconds:
            return value.byteCount == 4 ? nil : "is no number of seconds"
        case .text(let limit):
            if value.byteCount > limit { return "has more than \(limit) bytes" }
            return UTF8Text.isPlain(value.octets)
                ? nil : "is no UTF-8 text without control characters"
        case .sized(let counts):
            if !counts.contains(value.byteCount) {
                return "has not \(counts.lowerBound) to \(counts.upperBound) bytes"
            }
            return UTF8Text.isPlain(value.octets)
                ? nil : "is no UTF-8 text without control characters"
        case .lines(let limit, let most):
            if value.byteCount > limit { return "has more than \(limit) bytes" }
            return areLines(value, most: most) ? nil : "is no list of at most \(most) lines"
        case .choice(let range):
            return value.byteCount == 1 && range.contains(value.byte(at: 0)) ? nil : "is none of its choices"
        case .duration(let range):
            guard value.byteCount == 4 else { return "is no number of seconds" }
            let seconds: UInt32 = value.littleEndian(at: 0)
            return range.contains(seconds) ? nil : "is not \(range.lowerBound) to \(range.upperBound) seconds"
        case .bytes(let counts):
            return counts.contains(value.byteCount)
                ? nil : "has not \(counts.lowerBound) to \(counts.upperBound) bytes"
        case .unknown:
            return value.byteCount <= VaultFormat.unknownFieldLimit ? nil : "has more than 1 MiB"
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
