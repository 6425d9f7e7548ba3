import AWSConfigGrammar
import AWSValues

/// Tables with a header, as the console writes them: `accessKeys.csv`, `credentials.csv`, `rootkey.csv`.
struct AccessKeyTable {
    private enum Column: String, CaseIterable {
        case accessKeyID = "Access key ID"
        case secretAccessKey = "Secret access key"
        case sessionToken = "Session token"
        case userName = "User name"
        case expiration = "Expiration"

        /// The column's names without blanks, hyphens and underscores, in lower case.
        var spellings: [String] {
            switch self {
            case .accessKeyID: ["accesskeyid", "awsaccesskeyid"]
            case .secretAccessKey: ["secretaccesskey", "awssecretaccesskey"]
            case .sessionToken: ["sessiontoken", "awssessiontoken"]
            case .userName: ["username", "iamusername"]
            case .expiration: ["expiration"]
            }
        }
    }

    private var indices: [Column: Int] = [:]

    /// Reads the table that begins at `start`.
    static func read(
        _ bytes: inout MutableSpan<UInt8>, from start: Int, _ source: SourceName,
        into findings: inout Findings
    ) throws(ImportError) {
        var reader = CSVReader(separator: separator(of: bytes.span, from: start), start: start)
        repeat {
            guard reader.next(&bytes) else { throw .empty }
        } while reader.isBlank
        guard reader.fault == nil else { throw notATable(bytes.span, from: start) }
        let table = try AccessKeyTable(header: reader.fields, bytes.span)
        while reader.next(&bytes) {
            if let fault = reader.fault {
                try findings.add(problem: fault.reason, line: reader.recordLine)
            } else if !reader.isBlank {
                var draft = table.draft(of: reader.fields, line: reader.recordLine)
                draft.isRootKey = source.isRootKey
                try findings.add(draft, from: source, in: bytes.span)
            }
        }
    }

    private init(header: [Range<Int>], _ bytes: Span<UInt8>) throws(ImportError) {
        for (index, field) in header.enumerated() {
            let name = bytes.extracting(field)
            let column = Column.allCases.first { $0.spellings.contains { matches(name, $0, whole: true) } }
            guard let column else { continue }
            guard indices.updateValue(index, forKey: column) == nil else {
                throw .duplicateColumn(column.rawValue)
            }
        }
        let hasID = indices[.accessKeyID] != nil
        let hasSecret = indices[.secretAccessKey] != nil
        if !hasID || !hasSecret { throw Self.refusal(of: header, bytes, hasID: hasID, hasSecret: hasSecret) }
    }

    /// Why a table without the two columns is rejected; files that AWS creates for other purposes are named.
    private static func refusal(
        of header: [Range<Int>], _ bytes: Span<UInt8>, hasID: Bool, hasSecret: Bool
    ) -> ImportError {
        func has(_ word: String, whole: Bool = false) -> Bool {
            header.contains { matches(bytes.extracting($0), word, whole: whole) }
        }
        if has("smtp") { return .smtpCredentials }
        if has("apikey") { return .bedrockAPIKey }
        if hasID { return .missingColumn(Column.secretAccessKey.rawValue) }
        if hasSecret { return .missingColumn(Column.accessKeyID.rawValue) }
        if has("console") { return .consolePassword }
        if has("username", whole: true), has("password", whole: true) {
            return header.count == 2 ? .codeCommitCredentials : .passwordManager
        }
        let looksLikeKey = header.contains { field in
            field.count == 20 && AccessKeyID.isValid(bytes.extracting(field))
        }
        if looksLikeKey { return .noHeader }
        let other = notATable(bytes, from: 0)
        let isTable = header.count > 1 && header.allSatisfy { !$0.isEmpty }
        return other == .notRecognised && isTable ? .missingKeyColumns : other
    }

    /// What a text is refused with that is of no known kind: a shell's or a `.env` file is named.
    private static func notATable(_ bytes: Span<UInt8>, from start: Int) -> ImportError {
        var lines = LineReader(start: start)
        while let line = lines.next(bytes) {
            if bytes.beginsWithKeySetting(bytes.trimmed(line).content) {
                return .settingsWithoutSection(line: lines.number)
            }
        }
        return .notRecognised
    }

    private func draft(of fields: [Range<Int>], line: Int) -> KeyDraft {
        func field(_ column: Column) -> Range<Int>? {
            guard let index = indices[column], index < fields.count else { return nil }
            return fields[index]
        }
        let token = field(.sessionToken)
        return KeyDraft(
            line: line, accessKeyID: field(.accessKeyID), secretAccessKey: field(.secretAccessKey),
            sessionToken: token, expiration: token.filled == nil ? nil : field(.expiration),
            userName: field(.userName))
    }

    /// The separator that the header has more of, outside of quotes.
    private static func separator(of bytes: Span<UInt8>, from start: Int) -> UInt8 {
        let comma = UInt8(ascii: ",")
        let semicolon = UInt8(ascii: ";")
        var balance = 0
        var isQuoted = false
        var isLeading = true
        for index in start..<min(bytes.count, start + ImportLimits.lineBytes) {
            let byte = bytes[index]
            if byte == quote { isQuoted.toggle() }
            if isQuoted { continue }
            if isLineBreak(byte), !isLeading { break }
            if byte == comma { balance += 1 } else if byte == semicolon { balance -= 1 }
            if !isLineBreak(byte), !isBlank(byte) { isLeading = false }
        }
        return balance < 0 ? semicolon : comma
    }
}

/// Whether `word` stands in `name`, or is all of it, when case, blanks, hyphens and underscores are left aside.
private func matches(_ name: Span<UInt8>, _ word: String, whole: Bool) -> Bool {
    // No column's name is longer, and a secret in its place is not searched at length.
    guard name.count <= 64 else { return false }
    let lastStart = whole ? 0 : name.count
    for start in 0...lastStart {
        if let end = endOfMatch(name, from: start, word), !whole || end == name.count { return true }
    }
    return false
}

private func endOfMatch(_ name: Span<UInt8>, from start: Int, _ word: String) -> Int? {
    let letters = word.utf8.span
    var index = start
    var matched = 0
    while index < name.count {
        let byte = name[index].lowercased
        if byte != space, byte != UInt8(ascii: "-"), byte != UInt8(ascii: "_") {
            guard matched < letters.count, byte == letters[matched] else { break }
            matched += 1
        }
        index += 1
    }
    return matched == letters.count ? index : nil
}
