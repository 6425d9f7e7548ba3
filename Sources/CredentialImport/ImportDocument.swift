package import AWSConfigGrammar
import AWSValues
import Platform
package import SecureMemory

/// A source that was read: its bytes in secret memory, and where the keys are in them.
package struct ImportDocument: ~Copyable, Sendable {
    /// The kind of the source.
    package let format: ImportFormat
    /// The keys, in the order of the source.
    package let keys: [ImportedKey]
    /// What is not a usable key, in the order of the source; nothing is imported unless these are skipped.
    package let problems: [ImportProblem]
    /// What a person should know of the source beside its keys, for example what keeps the AWS CLI from
    /// reading it.
    package let notes: [String]
    /// The profiles that assume a role: they are not imported.
    package let roles: [ImportedRole]
    /// Which of the two files of the AWS CLI a settings file is.
    package let settingsKind: ConfigKind?

    private let bytes: SecretBytes

    init(
        _ format: ImportFormat, _ findings: Findings, _ bytes: consuming SecretBytes,
        settingsKind: ConfigKind? = nil
    ) {
        self.format = format
        self.settingsKind = settingsKind
        keys = findings.keys
        problems = findings.problems
        notes = findings.notes
        roles = findings.roles
        self.bytes = bytes
    }

    /// Calls `body` with a secret of one of the ``keys``, in place.
    package borrowing func withSecret<Result: ~Copyable, Failure: Error>(
        _ range: Range<Int>, _ body: (RawSpan) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(bytes.bytes.extracting(range))
    }

    /// A copy of a secret of one of the ``keys``, for when it outlives the document.
    package borrowing func copySecret(_ range: Range<Int>) throws(SecureMemoryError) -> SecretBytes {
        try bytes.copy(range)
    }

    /// Reads a source of any kind, told by its content.
    ///
    /// - Parameters:
    ///   - bytes: the whole source. They are unescaped in place and stay with the document.
    ///   - fileName: the name of the file, with or without folders; nil for standard input. It gives an entry
    ///     its name when the content has none, and tells the newer `rootkey.csv` and the files of the AWS CLI.
    ///   - settings: which file of the AWS CLI it is, when the caller knows.
    ///   - now: the time, in Unix seconds, at which temporary credentials must not have ended.
    ///   - acceptsShortSecrets: whether a secret may be shorter than any that AWS or another store is known to
    ///     issue.
    /// - Throws: ``ImportError`` when the source has neither a key nor a row that tries to be one, or passes a
    ///   bound of ``ImportLimits``. What is wrong with single rows is in ``problems``.
    package static func parse(
        _ bytes: consuming SecretBytes, fileName: String?, settings: ConfigKind? = nil,
        now: Int64 = currentTime(), acceptsShortSecrets: Bool = false
    ) throws(ImportError) -> ImportDocument {
        guard bytes.count <= ImportLimits.fileBytes else { throw .tooLarge(limit: ImportLimits.fileBytes) }
        let source = SourceName(fileName: fileName)
        var findings = Findings(now: now, acceptsShortSecrets: acceptsShortSecrets)
        let isUTF16 = isUTF16Text(bytes.bytes.octets)
        var text = try textBytes(bytes)
        let (format, kind) = try unsafe text.withUnsafeMutableBytes { (raw) throws(ImportError) in
            var span = unsafe MutableSpan<UInt8>(_unsafeBytes: raw)
            return try read(&span, source, settings ?? source.settingsKind, into: &findings)
        }
        if isUTF16, format == .ini {
            findings.note("the AWS CLI cannot read the file: it is UTF-16 (save it as UTF-8)")
        }
        guard !findings.isEmpty else { throw .noKeys(format) }
        return ImportDocument(format, findings, text, settingsKind: kind)
    }

    package static func currentTime() -> Int64 { UnixTime.now() }

    private static func read(
        _ bytes: inout MutableSpan<UInt8>, _ source: SourceName, _ settings: ConfigKind?,
        into findings: inout Findings
    ) throws(ImportError) -> (ImportFormat, ConfigKind?) {
        let start = textStart(bytes.span)
        switch try ContentKind(bytes.span, from: start, isSettings: settings != nil) {
        case .json:
            try KeyJSON.read(&bytes, from: start, source, into: &findings)
            return (.json, nil)
        case .settings:
            return (.ini, try SettingsFile.read(bytes.span, settings, source, into: &findings))
        case .rootKey:
            try RootKeyFile.read(bytes.span, from: start, source, into: &findings)
            return (.rootKeyCSV, nil)
        case .variables:
            try EnvironmentFile.read(bytes.span, from: start, source, into: &findings)
            return (.dotenv, nil)
        case .table:
            if EnvironmentFile.isAmongOthers(bytes.span, from: start) {
                try EnvironmentFile.read(bytes.span, from: start, source, into: &findings)
                return (.dotenv, nil)
            }
            try AccessKeyTable.read(&bytes, from: start, source, into: &findings)
            return (source.isRootKey ? .rootKeyCSV : .accessKeyCSV, nil)
        }
    }
}
