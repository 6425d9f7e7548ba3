package import SecureMemory

/// A source that was read: its bytes in secret memory, and where the keys are in them.
package struct ImportDocument: ~Copyable, Sendable {
    /// The kind of the source.
    package let format: ImportFormat
    /// The keys, in the order of the source.
    package let keys: [ImportedKey]
    /// What is no usable key, in the order of the source; unless it is skipped by wish, nothing is imported.
    package let problems: [ImportProblem]

    private let bytes: SecretBytes

    init(_ format: ImportFormat, _ findings: Findings, _ bytes: consuming SecretBytes) {
        self.format = format
        keys = findings.keys
        problems = findings.problems
        self.bytes = bytes
    }

    /// Calls `body` with a secret of one of the ``keys``, in place.
    package borrowing func withSecret<Result: ~Copyable, Failure: Error>(
        _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count, "a range of another document")
        return try unsafe bytes.withUnsafeBytes { (all) throws(Failure) in
            try unsafe body(UnsafeRawBufferPointer(rebasing: all[range]))
        }
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
    ///     its name when the content has none, and tells the newer `rootkey.csv`.
    /// - Throws: ``ImportError`` when the source has neither a key nor a row that tries to be one, or passes a
    ///   bound of ``ImportLimits``. What is wrong with single rows is in ``problems``.
    package static func parse(
        _ bytes: consuming SecretBytes, fileName: String?
    ) throws(ImportError) -> ImportDocument {
        guard bytes.count <= ImportLimits.fileBytes else { throw .tooLarge(limit: ImportLimits.fileBytes) }
        let source = SourceName(fileName: fileName)
        var text = try textBytes(bytes)
        var findings = Findings()
        let format = try unsafe text.withUnsafeMutableBytes { (raw) throws(ImportError) in
            var span = unsafe MutableSpan<UInt8>(_unsafeBytes: raw)
            return try read(&span, source, into: &findings)
        }
        guard !findings.isEmpty else { throw .noKeys(format) }
        return ImportDocument(format, findings, text)
    }

    private static func read(
        _ bytes: inout MutableSpan<UInt8>, _ source: SourceName, into findings: inout Findings
    ) throws(ImportError) -> ImportFormat {
        let start = textStart(bytes.span)
        switch try ContentKind(bytes.span, from: start) {
        case .json:
            try KeyJSON.read(&bytes, from: start, source, into: &findings)
            return .json
        case .settings:
            try SettingsFile.read(bytes.span, from: start, source, into: &findings)
            return .ini
        case .rootKey:
            try RootKeyFile.read(bytes.span, from: start, source, into: &findings)
            return .rootKeyCSV
        case .table:
            try AccessKeyTable.read(&bytes, from: start, source, into: &findings)
            return source.isRootKey ? .rootKeyCSV : .accessKeyCSV
        }
    }
}
