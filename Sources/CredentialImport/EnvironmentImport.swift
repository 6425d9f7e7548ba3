import AWSValues
import Platform
import SecureMemory

extension ImportDocument {
    /// Reads the key in the environment, as the AWS CLI does: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`,
    /// `AWS_SESSION_TOKEN`, `AWS_REGION` or `AWS_DEFAULT_REGION`, `AWS_CREDENTIAL_EXPIRATION` or
    /// `AWS_SESSION_EXPIRATION`, `AWS_ACCOUNT_ID`.
    ///
    /// - Throws: ``ImportError/environment(_:)`` when they give no key.
    package static func fromEnvironment(
        now: Int64 = currentTime(), acceptsShortSecrets: Bool = false
    ) throws(ImportError) -> ImportDocument {
        var values = EnvironmentValues()
        let region = try values.addFirst(of: ["AWS_REGION", "AWS_DEFAULT_REGION"])
        let draft = KeyDraft(
            line: 0,
            accessKeyID: try values.add("AWS_ACCESS_KEY_ID"),
            secretAccessKey: try values.add("AWS_SECRET_ACCESS_KEY"),
            sessionToken: try values.add("AWS_SESSION_TOKEN"),
            expiration: try values.addFirst(of: ["AWS_CREDENTIAL_EXPIRATION", "AWS_SESSION_EXPIRATION"]),
            accountID: try values.add("AWS_ACCOUNT_ID"),
            region: region)
        let bytes = try values.copy()
        var findings = Findings(now: now, acceptsShortSecrets: acceptsShortSecrets)
        try findings.add(draft, in: bytes)
        if let problem = findings.problems.first { throw .environment("the environment: \(problem.reason)") }
        return ImportDocument(.environment, findings, bytes)
    }
}

extension Findings {
    fileprivate mutating func add(_ draft: KeyDraft, in bytes: borrowing SecretBytes) throws(ImportError) {
        try add(draft, from: SourceName(fileName: nil), in: bytes.bytes.octets)
    }
}

/// Values of the environment, to be joined without an intermediate copy.
private struct EnvironmentValues: ~Copyable {
    private var names: [(String, Range<Int>)] = []
    private var count = 0

    /// The range that the variable will have; nil when it is not set, or set to nothing.
    mutating func add(_ name: String) throws(ImportError) -> Range<Int>? {
        let length = unsafe value(of: name).map { unsafe strnlen($0, ImportLimits.lineBytes + 1) } ?? 0
        guard length > 0 else { return nil }
        guard length <= ImportLimits.lineBytes else {
            throw .environment("the environment: \(name) is too long")
        }
        let range = count..<(count + length)
        names.append((name, range))
        count += length
        return range
    }

    /// The range of the first of the variables that is set.
    mutating func addFirst(of names: [String]) throws(ImportError) -> Range<Int>? {
        for name in names {
            if let range = try add(name) { return range }
        }
        return nil
    }

    func copy() throws(ImportError) -> SecretBytes {
        do throws(SecureMemoryError) {
            var bytes = try SecretBytes(count: count)
            for (name, range) in names {
                guard let value = unsafe value(of: name) else { continue }
                let source = unsafe RawSpan(_unsafeStart: value, byteCount: range.count)
                bytes.overwrite(at: range.lowerBound, with: source)
            }
            return bytes
        } catch {
            throw .memory(error)
        }
    }

    private func value(of name: String) -> UnsafeMutablePointer<CChar>? { unsafe getenv(name) }
}
