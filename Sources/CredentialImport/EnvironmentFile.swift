import AWSValues

/// A file of `AWS_ACCESS_KEY_ID=…` lines, with or without `export`, as shells and dotenv libraries read them.
///
/// Only what all of them read alike is taken: nothing is expanded, and any other line is a problem.
enum EnvironmentFile {
    private enum Name: CaseIterable {
        case accessKeyID, secretAccessKey, sessionToken, expiration, region, defaultRegion

        var text: String {
            switch self {
            case .accessKeyID: "AWS_ACCESS_KEY_ID"
            case .secretAccessKey: "AWS_SECRET_ACCESS_KEY"
            case .sessionToken: "AWS_SESSION_TOKEN"
            case .expiration: "AWS_CREDENTIAL_EXPIRATION"
            case .region: "AWS_REGION"
            case .defaultRegion: "AWS_DEFAULT_REGION"
            }
        }
    }

    /// Whether a line sets one of the variables.
    static func isRead(_ line: Span<UInt8>) -> Bool { assignment(line, 0..<line.count) != nil }

    /// Whether a file that begins with something else sets one of the variables further down.
    static func isAmongOthers(_ bytes: Span<UInt8>, from start: Int) -> Bool {
        var lines = LineReader(start: start)
        while let range = lines.next(bytes) {
            if isRead(bytes.extracting(trimmed(range, bytes))) { return true }
        }
        return false
    }

    static func read(
        _ bytes: Span<UInt8>, from start: Int, _ source: SourceName, into findings: inout Findings
    ) throws(ImportError) {
        var lines = LineReader(start: start)
        var values: [Name: Range<Int>] = [:]
        var lineOfPart: [Int: Int] = [:]
        var first: Int?
        while let range = lines.next(bytes) {
            let content = trimmed(range, bytes)
            if content.isEmpty || bytes[content.lowerBound] == UInt8(ascii: "#") { continue }
            guard let (name, rest) = assignment(bytes, content) else {
                try findings.add(
                    problem: "not a variable of an access key, such as AWS_ACCESS_KEY_ID", line: lines.number)
                continue
            }
            guard values[name] == nil else {
                try findings.add(problem: "\(name.text) is set twice", line: lines.number)
                continue
            }
            guard let value = value(bytes, rest) else {
                try findings.add(
                    problem: "invalid value of \(name.text): it must be one word without special characters",
                    line: lines.number)
                continue
            }
            values[name] = value
            lineOfPart[value.lowerBound] = lines.number
            first = first ?? lines.number
        }
        guard let first else { return }
        try findings.add(
            KeyDraft(
                line: first, accessKeyID: values[.accessKeyID], secretAccessKey: values[.secretAccessKey],
                sessionToken: values[.sessionToken],
                expiration: values[.sessionToken].filled == nil ? nil : values[.expiration],
                region: values[.region].filled ?? values[.defaultRegion], lineOfPart: lineOfPart),
            from: source, in: bytes)
    }

    /// The variable that a line sets, and what is behind its `=`.
    private static func assignment(_ bytes: Span<UInt8>, _ line: Range<Int>) -> (Name, Range<Int>)? {
        var start = line.lowerBound
        if begins(bytes, start..<line.upperBound, "export") {
            let behind = start + 6
            start = trimmed(behind..<line.upperBound, bytes).lowerBound
            guard start > behind else { return nil }
        }
        for name in Name.allCases where begins(bytes, start..<line.upperBound, name.text) {
            let end = start + name.text.utf8.count
            guard end < line.upperBound, bytes[end] == UInt8(ascii: "=") else { continue }
            return (name, (end + 1)..<line.upperBound)
        }
        return nil
    }

    /// The one word in `range`, without its quotes; nil when a shell would make something else of it.
    private static func value(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Range<Int>? {
        guard let first = range.first.map({ bytes[$0] }) else { return range }
        let isQuoted = first == UInt8(ascii: "'") || first == UInt8(ascii: "\"")
        let start = isQuoted ? range.lowerBound + 1 : range.lowerBound
        var end = start
        while end < range.upperBound, isPlain(bytes[end]) { end += 1 }
        var next = end
        if isQuoted {
            guard next < range.upperBound, bytes[next] == first else { return nil }
            next += 1
        }
        let rest = trimmed(next..<range.upperBound, bytes)
        // A comment begins behind a blank.
        guard rest.isEmpty || rest.lowerBound > next && bytes[rest.lowerBound] == UInt8(ascii: "#") else {
            return nil
        }
        return start..<end
    }

    /// Whether a byte means itself, with quotes around it or without.
    private static func isPlain(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || [UInt8]("+/=-_.:,@%".utf8).contains(byte)
    }

    private static func begins(_ bytes: Span<UInt8>, _ range: Range<Int>, _ text: String) -> Bool {
        bytes.extracting(range).hasPrefix(text)
    }
}
