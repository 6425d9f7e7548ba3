import AWSConfigGrammar
import AWSValues
import DurableFiles
import SecureMemory

/// A file as it was read, so that a replacement can make sure that it replaces just that.
struct Snapshot: ~Copyable {
    let document: ConfigDocument
    /// The status at the time of reading; nil when there was no file.
    private let status: FileStatus?

    private init(_ document: consuming ConfigDocument, _ status: FileStatus?) {
        self.document = document
        self.status = status
    }

    /// Whose file is read. One of root's, as a tool that manages the system writes it, is not written.
    enum Owner { case selfAlone, selfOrRoot }

    static func read(
        _ location: borrowing ConfigLocation, _ kind: ConfigKind, ofOwner owner: Owner
    ) throws(AWSConfigError) -> Snapshot {
        let present = try asConfigError { () throws(FileError) in
            try location.directory.status(of: location.name) != nil
        }
        guard present else { return Snapshot(try ConfigFile.emptyDocument(kind), nil) }
        let file = try asConfigError { () throws(FileError) in try location.directory.open(location.name) }
        let status = try asConfigError { () throws(FileError) in
            let status = try file.status()
            try status.requireRegular(file.path)
            try status.requireOwn(file.path, orRoot: owner == .selfOrRoot)
            try status.requireNotWritableByOthers(file.path)
            return status
        }
        let bytes = try asConfigError { () throws(FileError) in
            try file.readAll(limit: ConfigDocument.sizeLimit)
        }
        return Snapshot(try ConfigDocument(bytes, kind: kind), status)
    }

    consuming func finish() -> ConfigDocument { document }

    /// What keeps the file from being replaced, or nil.
    func obstacle(at location: borrowing ConfigLocation) -> AWSConfigError? {
        do throws(FileError) {
            try status?.requireOwn(location.path)
            return nil
        } catch {
            return .file(error)
        }
    }

    /// Replaces the file with the edit's result, unless another program has changed it since it was read.
    func replace(by edit: borrowing ConfigEdit, at location: borrowing ConfigLocation) throws(AWSConfigError)
    {
        do {
            if edit.removesFile {
                try requireUnchanged(location)
                try location.directory.remove(location.name)
                try location.directory.handle.synchronize()
                return
            }
            let replacement = Replacement(
                name: location.name, mode: status.map { $0.permissions & 0o777 } ?? 0o600)
            try replacement.write(in: location.directory) { file in
                try file.write(edit.document.bytes.bytes)
            } verify: { written in
                guard try Self.holds(written, edit.document.bytes) else {
                    throw AWSConfigError.readBackDiffers(path: location.path)
                }
                try requireUnchanged(location)
            }
        } catch {
            throw AWSConfigError(error)
        }
    }

    private func requireUnchanged(_ location: borrowing ConfigLocation) throws {
        let now = try location.directory.status(of: location.name)
        var isSame = now?.identity == status?.identity
        if isSame, now != nil {
            isSame = try Self.holds(location.directory.open(location.name), document.bytes)
        }
        guard isSame else { throw AWSConfigError.changedMeanwhile(path: location.path) }
    }

    /// Whether the file holds exactly these bytes, compared in pieces so that no second copy is needed.
    private static func holds(
        _ file: borrowing FileHandle, _ bytes: borrowing SecretBytes
    ) throws(FileError) -> Bool {
        var piece: SecretBytes
        do throws(SecureMemoryError) {
            piece = try SecretBytes(count: 64 << 10)
        } catch {
            throw .memory(error)
        }
        var position = 0
        while true {
            let got = try file.read(into: piece.mutableBytes)
            guard got <= bytes.count - position else { return false }
            let expected = bytes.bytes.octets.extracting(position..<(position + got))
            guard piece.bytes.octets.extracting(0..<got).isEqual(to: expected) else { return false }
            position += got
            if got < piece.count { return position == bytes.count }
        }
    }
}
