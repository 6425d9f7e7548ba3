import AWSConfigGrammar

/// The grammars that a source may be in, told apart by its first line that is neither blank nor a comment.
enum ContentKind {
    case json, settings, rootKey, variables, table

    /// - Parameter isSettings: whether the file's name says that it is one of the AWS CLI.
    /// - Throws: ``ImportError`` for content that is not text, or is known to contain no access key.
    init(_ bytes: Span<UInt8>, from start: Int, isSettings: Bool) throws(ImportError) {
        var lines = LineReader(start: start)
        while let line = lines.next(bytes) {
            let content = bytes.trimmed(line).content
            guard !content.isEmpty else { continue }
            let first = bytes[content.lowerBound]
            if first == UInt8(ascii: "#") || first == UInt8(ascii: ";") { continue }
            // A zero byte is like any other in a settings file; UTF-16 without its mark is rejected.
            let isText =
                content.count < 4 || bytes[content.lowerBound + 1] != 0 || bytes[content.lowerBound + 3] != 0
            if isText, isSettings ? first != UInt8(ascii: "{") : first == UInt8(ascii: "["),
                isSettings || !Self.beginsArray(bytes, at: content.lowerBound)
            {
                self = .settings
                return
            }
            for index in bytes.indices where bytes[index] == 0 { throw .binary }
            if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
                self = .json
                return
            }
            self = try Self(line: bytes.extracting(content), lines.number)
            return
        }
        for index in bytes.indices where bytes[index] == 0 { throw .binary }
        throw .empty
    }

    private init(line: Span<UInt8>, _ number: Int) throws(ImportError) {
        if beginsIgnoringCase(line, RootKeyFile.firstSetting) {
            self = .rootKey
        } else if beginsIgnoringCase(line, "-----begin ") || beginsIgnoringCase(line, "putty-user-key-file") {
            throw .privateKey
        } else if beginsIgnoringCase(line, "absk") || beginsIgnoringCase(line, "bedrock-api-key-") {
            throw .bedrockAPIKey
        } else if EnvironmentFile.isRead(line) {
            self = .variables
        } else if beginsIgnoringCase(line, "aws_") && Self.isSetting(line)
            || beginsIgnoringCase(line, "export aws_")
        {
            throw .settingsWithoutSection(line: number)
        } else {
            self = .table
        }
    }

    /// Whether the `[` at `start` opens an array of JSON in which a key could be, and not the name of a section.
    private static func beginsArray(_ bytes: Span<UInt8>, at start: Int) -> Bool {
        guard bytes[start] == UInt8(ascii: "[") else { return false }
        var isClosed = false
        for index in (start + 1)..<bytes.count {
            switch bytes[index] {
            case space, tab, lineFeed, carriageReturn: continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): return !isClosed
            case UInt8(ascii: "]") where !isClosed: isClosed = true
            default: return false
            }
        }
        return true
    }

    private static func isSetting(_ line: Span<UInt8>) -> Bool {
        line.indices.contains { line[$0] == UInt8(ascii: "=") || line[$0] == UInt8(ascii: ":") }
    }
}
