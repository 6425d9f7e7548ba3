import AWSConfigGrammar
import DurableFiles
import SecureMemory

/// Bytes of the document that are replaced by text, which holds no secret.
struct Splice {
    let range: Range<Int>
    let text: String
}

/// The document as it would be, and how that differs from what it is.
package struct ConfigEdit: ~Copyable {
    /// The new file.
    package let document: ConfigDocument
    /// The difference for a person, without secrets.
    package let diff: [DiffLine]
    /// What takes the edit back, for ``UndoStore``; nil where nothing can or need be taken back.
    package let undo: UndoRecord?
    /// Whether the file did not exist before and is to be removed.
    package let removesFile: Bool
    /// What was replaced, in the order of the ranges.
    let splices: [Splice]

    /// - Parameter splices: in the order of their ranges, which do not overlap.
    init(
        _ old: borrowing ConfigDocument, _ splices: [Splice], undo: UndoRecord? = nil,
        removesFileWhenEmpty: Bool = false
    ) throws(AWSConfigError) {
        let bytes = try Self.apply(splices, to: old.bytes)
        let new = try ConfigDocument(bytes, kind: old.kind)
        diff = DiffBuilder.lines(from: old, to: new, splices)
        removesFile = removesFileWhenEmpty && new.count == 0
        self.undo = undo
        self.splices = splices
        document = new
    }

    private static func apply(
        _ splices: [Splice], to old: borrowing SecretBytes
    ) throws(AWSConfigError) -> SecretBytes {
        let count = splices.reduce(old.count) { $0 - $1.range.count + $1.text.utf8.count }
        guard count <= ConfigDocument.sizeLimit else { throw .tooLarge(limit: ConfigDocument.sizeLimit) }
        var bytes: SecretBytes
        do throws(SecureMemoryError) {
            bytes = try SecretBytes(count: count)
        } catch {
            throw .file(.memory(error))
        }
        var (read, written) = (0, 0)
        for splice in splices {
            let kept = read..<splice.range.lowerBound
            bytes.overwrite(at: written, with: old.bytes.extracting(kept))
            written += kept.count
            let text = splice.text.utf8.span
            bytes.overwrite(at: written, with: RawSpan(_elements: text))
            written += text.count
            read = splice.range.upperBound
        }
        bytes.overwrite(at: written, with: old.bytes.extracting(read..<old.count))
        return bytes
    }
}
