/// The old form of `rootkey.csv`: `AWSAccessKeyId=…` and `AWSSecretKey=…`, no table at all.
enum RootKeyFile {
    /// The setting that tells such a file from a table.
    static let firstSetting: String = "awsaccesskeyid="

    static func read(
        _ bytes: Span<UInt8>, from start: Int, _ source: SourceName, into findings: inout Findings
    ) throws(ImportError) {
        var lines = LineReader(start: start)
        var draft = KeyDraft(line: 1, isRootKey: true)
        while let range = lines.next(bytes) {
            let content = trimmed(range, bytes)
            if content.isEmpty { continue }
            let line = bytes.extracting(content)
            if let value = value(of: firstSetting, line, content) {
                guard draft.accessKeyID == nil else { throw .duplicateColumn("AWSAccessKeyId") }
                draft.accessKeyID = trimmed(value, bytes)
                draft.line = lines.number
            } else if let value = value(of: "awssecretkey=", line, content) {
                guard draft.secretAccessKey == nil else { throw .duplicateColumn("AWSSecretKey") }
                draft.secretAccessKey = trimmed(value, bytes)
            } else {
                try findings.add(
                    problem: "neither AWSAccessKeyId=… nor AWSSecretKey=…", line: lines.number)
            }
        }
        try findings.add(draft, from: source, in: bytes)
    }

    private static func value(of setting: String, _ line: Span<UInt8>, _ range: Range<Int>) -> Range<
        Int
    >? {
        guard beginsIgnoringCase(line, setting) else { return nil }
        return (range.lowerBound + setting.utf8.count)..<range.upperBound
    }
}
