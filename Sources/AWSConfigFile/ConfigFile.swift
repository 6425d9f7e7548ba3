package import AWSConfigGrammar
import DurableFiles
import SecureMemory

/// `~/.aws/config` or `~/.aws/credentials` on the disk, at a path that the caller chose.
package struct ConfigFile: Sendable {
    package let path: String
    package let kind: ConfigKind

    package init(path: String, kind: ConfigKind) {
        self.path = path
        self.kind = kind
    }

    /// What an edit did, or would do.
    package struct Outcome: Equatable, Sendable {
        /// The file that was edited, without symbolic links.
        package let path: String
        /// Whether the file differs now, or would.
        package let isChanged: Bool
        /// The difference for a person; empty when there is none.
        package let diff: [DiffLine]
        package let warnings: [ConfigWarning]
        /// What would keep the file from being written, when that was not tried.
        package let obstacle: AWSConfigError?
    }

    /// Reads the file; one that does not exist is an empty document.
    package func read() throws(AWSConfigError) -> ConfigDocument {
        guard let location = try ConfigLocation.find(path, makingDirectory: false) else {
            return try Self.emptyDocument(kind)
        }
        return try Snapshot.read(location, kind, ofOwner: .selfOrRoot).finish()
    }

    /// Edits the file: under a lock, as one replacement, with its old mode.
    ///
    /// Symbolic links are followed and kept. Whatever fails, the old file stays.
    ///
    /// - Parameters:
    ///   - lockSeconds: how long to wait for another writer of ours.
    ///   - createIfMissing: whether a file that does not exist counts as empty; it and `~/.aws` are made
    ///     closed to others.
    ///   - dryRun: only report what would be done; create nothing and take no lock.
    ///   - edit: the edit of the document, or nil for none; it may be told the file's real path.
    package func update(
        lockSeconds: Double = 5, createIfMissing: Bool = false, dryRun: Bool = false,
        _ edit: (borrowing ConfigDocument, _ path: String) throws(AWSConfigError) -> ConfigEdit?
    ) throws(AWSConfigError) -> Outcome {
        try update(
            lockSeconds: lockSeconds, createIfMissing: createIfMissing, dryRun: dryRun, edit,
            finish: { (_) throws(AWSConfigError) in })
    }

    /// - Parameter finish: called with the file's real path after the edit, still under the lock.
    func update(
        lockSeconds: Double, createIfMissing: Bool, dryRun: Bool,
        _ edit: (borrowing ConfigDocument, _ path: String) throws(AWSConfigError) -> ConfigEdit?,
        finish: (_ path: String) throws(AWSConfigError) -> Void
    ) throws(AWSConfigError) -> Outcome {
        let location = try ConfigLocation.find(path, makingDirectory: createIfMissing && !dryRun)
        guard let location else {
            guard createIfMissing else { throw .file(.missing(path: path)) }
            let document = try Self.emptyDocument(kind)
            return Self.outcome(try edit(document, path), warnings: document.warnings, path: path)
        }
        let realPath = location.path
        if dryRun {
            let snapshot = try Snapshot.read(location, kind, ofOwner: .selfOrRoot)
            guard snapshot.document.exists || createIfMissing else { throw .file(.missing(path: path)) }
            let obstacle = try location.obstacle() ?? snapshot.obstacle(at: location)
            return Self.outcome(
                try edit(snapshot.document, realPath), warnings: snapshot.document.warnings, path: realPath,
                obstacle: obstacle)
        }
        if let obstacle = try location.obstacle() { throw obstacle }
        return try ConfigLock.hold(location.name, in: location.directory, seconds: lockSeconds) {
            () throws(AWSConfigError) in
            let snapshot = try Snapshot.read(location, kind, ofOwner: .selfAlone)
            guard snapshot.document.exists || createIfMissing else { throw .file(.missing(path: path)) }
            let result = try edit(snapshot.document, realPath)
            switch result {
            case .some(let edit): try snapshot.replace(by: edit, at: location)
            case .none: break
            }
            try finish(realPath)
            return Self.outcome(result, warnings: snapshot.document.warnings, path: realPath)
        }
    }

    private static func outcome(
        _ edit: consuming ConfigEdit?, warnings: [ConfigWarning], path: String,
        obstacle: AWSConfigError? = nil
    ) -> Outcome {
        guard let edit else {
            return Outcome(path: path, isChanged: false, diff: [], warnings: warnings, obstacle: obstacle)
        }
        return Outcome(
            path: path, isChanged: true, diff: edit.diff, warnings: warnings, obstacle: obstacle)
    }

    static func emptyDocument(_ kind: ConfigKind) throws(AWSConfigError) -> ConfigDocument {
        let empty = try asConfigError { () throws(FileError) in
            do throws(SecureMemoryError) {
                return try SecretBytes(count: 0)
            } catch {
                throw .memory(error)
            }
        }
        return try ConfigDocument(empty, kind: kind, exists: false)
    }
}
