import AWSValues

/// JSON with keys: what `aws iam create-access-key` prints, what STS, SSO, a container or an instance answers,
/// what a `credential_process` or `aws configure export-credentials` prints, the configuration file of the SDK
/// for JavaScript, and arrays of these.
struct KeyJSON {
    /// What an object may be at its place in the document.
    private enum Place {
        /// A key, or an object around one.
        case document
        /// The key inside of `AccessKey` or `Credentials`.
        case key
        /// Something that is read and left aside.
        case elsewhere
    }

    private enum Member: CaseIterable {
        case version, accessKeyID, secretAccessKey, sessionToken, expiration, createDate, accountID, userName
        case status, region, accessKey, credentials, accessKeyMetadata, keyMaterial
        case serviceSpecificCredential

        /// The member's name; where it begins with a lower case letter instead, it is the same.
        var name: String {
            switch self {
            case .version: "Version"
            case .accessKeyID: "AccessKeyId"
            case .secretAccessKey: "SecretAccessKey"
            case .sessionToken: "SessionToken"
            case .expiration: "Expiration"
            case .createDate: "CreateDate"
            case .accountID: "AccountId"
            case .userName: "UserName"
            case .status: "Status"
            case .region: "Region"
            case .accessKey: "AccessKey"
            case .credentials: "Credentials"
            case .accessKeyMetadata: "AccessKeyMetadata"
            case .keyMaterial: "KeyMaterial"
            case .serviceSpecificCredential: "ServiceSpecificCredential"
            }
        }
    }

    private var reader: JSONReader
    private let source: SourceName
    /// The better reason, when the document turns out to have no key.
    private var refusal: ImportError?

    static func read(
        _ bytes: inout MutableSpan<UInt8>, from start: Int, _ source: SourceName,
        into findings: inout Findings
    ) throws(ImportError) {
        var json = KeyJSON(reader: JSONReader(start: start), source: source)
        _ = try json.value(&bytes, .document, depth: 0, &findings)
        guard json.reader.peek(bytes.span) == nil else { throw json.reader.fail("text follows its end") }
        if findings.isEmpty, let refusal = json.refusal { throw refusal }
    }

    private mutating func value(
        _ bytes: inout MutableSpan<UInt8>, _ place: Place, depth: Int, _ findings: inout Findings
    ) throws(ImportError) -> JSONValue {
        guard depth <= ImportLimits.jsonDepth else {
            throw reader.fail("more than \(ImportLimits.jsonDepth) nested arrays and objects")
        }
        switch reader.peek(bytes.span) {
        case UInt8(ascii: "{"):
            try object(&bytes, place, depth: depth, &findings)
            return .object
        case UInt8(ascii: "["):
            // An array is looked into at the top only; one inside of a key is not what AWS prints.
            try array(&bytes, depth == 0 ? place : .elsewhere, depth: depth, &findings)
            return .array
        default: return try reader.scalar(&bytes)
        }
    }

    private mutating func array(
        _ bytes: inout MutableSpan<UInt8>, _ place: Place, depth: Int, _ findings: inout Findings
    ) throws(ImportError) {
        try reader.expect("[", bytes.span)
        if reader.take("]", bytes.span) { return }
        repeat {
            _ = try value(&bytes, place, depth: depth + 1, &findings)
        } while reader.take(",", bytes.span)
        try reader.expect("]", bytes.span)
    }

    private mutating func object(
        _ bytes: inout MutableSpan<UInt8>, _ place: Place, depth: Int, _ findings: inout Findings
    ) throws(ImportError) {
        try reader.expect("{", bytes.span)
        let line = reader.line
        var names: [Range<Int>] = []
        var members: [Member: JSONValue] = [:]
        if !reader.take("}", bytes.span) {
            repeat {
                let first = reader.peek(bytes.span)
                guard first == quote else {
                    throw reader.fail(first == nil ? "it ends early" : "a missing or unquoted name")
                }
                let name = try reader.string(&bytes)
                names.append(name)
                try reader.expect(":", bytes.span)
                let member = place == .elsewhere ? nil : Self.member(bytes.span.extracting(name))
                let inner = place == .document && (member == .accessKey || member == .credentials)
                let value = try value(&bytes, inner ? .key : .elsewhere, depth: depth + 1, &findings)
                if let member { members[member] = value }
            } while reader.take(",", bytes.span)
            try reader.expect("}", bytes.span)
        }
        guard !hasDuplicates(&names, bytes.span) else { throw reader.fail("a duplicate name in an object") }
        if place != .elsewhere { try take(members, line: line, in: bytes.span, into: &findings) }
    }

    private static func member(_ name: Span<UInt8>) -> Member? {
        // The token's name in the answers of containers and instances.
        if name.isEqual(to: "Token") { return .sessionToken }
        if name.isEqual(to: "roleCredentials") { return .credentials }
        return Member.allCases.first { isEqualButForFirstCase(name, $0.name) }
    }

    /// Makes a key, or a problem, of an object that has a part of a key.
    private mutating func take(
        _ members: [Member: JSONValue], line: Int, in bytes: Span<UInt8>, into findings: inout Findings
    ) throws(ImportError) {
        if members[.keyMaterial] != nil { refusal = .privateKey }
        if members[.serviceSpecificCredential] != nil { refusal = .serviceSpecificCredential }
        if members[.accessKeyMetadata] != nil { refusal = .keyListing }
        guard members[.accessKeyID] != nil || members[.secretAccessKey] != nil else { return }
        let draft: KeyDraft
        do throws(KeyFault) {
            draft = try Self.draft(of: members, line, bytes)
        } catch {
            return try findings.add(problem: error.reason, line: line)
        }
        try findings.add(draft, from: source, in: bytes)
    }

    private static func draft(
        of members: [Member: JSONValue], _ line: Int, _ bytes: Span<UInt8>
    ) throws(KeyFault) -> KeyDraft {
        func text(_ member: Member) throws(KeyFault) -> Range<Int>? {
            switch members[member] {
            case nil, .null: return nil
            case .string(let range): return range
            default: throw KeyFault(reason: "'\(member.name)' is not a string")
            }
        }
        if let version = members[.version] {
            guard case .number(let range) = version, bytes.extracting(range).isEqual(to: "1") else {
                throw KeyFault(reason: "'Version' is not 1")
            }
        }
        // SSO gives the end in milliseconds.
        var expiration: Range<Int>?
        if case .number(let range) = members[.expiration] {
            expiration = range
        } else {
            expiration = try text(.expiration)
        }
        let status = try text(.status)
        return KeyDraft(
            line: line, accessKeyID: try text(.accessKeyID), secretAccessKey: try text(.secretAccessKey),
            sessionToken: try text(.sessionToken), expiration: expiration,
            createdAt: try text(.createDate), accountID: try text(.accountID), userName: try text(.userName),
            region: try text(.region),
            isInactive: status.map { bytes.extracting($0).isEqual(to: "Inactive") } ?? false)
    }
}

/// Whether `name` is `word`, or `word` with a lower case letter first.
private func isEqualButForFirstCase(_ name: Span<UInt8>, _ word: String) -> Bool {
    let expected = word.utf8.span
    guard name.count == expected.count, name.count > 0 else { return false }
    for index in name.indices where name[index] != expected[index] {
        guard index == 0, name[0] == expected[0].lowercased else { return false }
    }
    return true
}

/// Whether two of `names` are the same; sorted first, so that many names cost little.
private func hasDuplicates(_ names: inout [Range<Int>], _ bytes: Span<UInt8>) -> Bool {
    names.sort { compare($0, $1, bytes) < 0 }
    return zip(names, names.dropFirst()).contains { compare($0, $1, bytes) == 0 }
}

private func compare(_ one: Range<Int>, _ other: Range<Int>, _ bytes: Span<UInt8>) -> Int {
    for (left, right) in zip(one, other) where bytes[left] != bytes[right] {
        return Int(bytes[left]) - Int(bytes[right])
    }
    return one.count - other.count
}
