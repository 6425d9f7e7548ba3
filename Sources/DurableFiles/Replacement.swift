import Platform
import SecureMemory

/// The one way in which a file is replaced: whole, synced, read back, and only then put in place.
///
/// Whatever fails, the old file stays as it was and no temporary remains. The caller holds a lock that
/// every writer of the file takes.
package struct Replacement {
    /// The file's name in its directory.
    package let name: String
    /// The permission bits of the new file, set when it is created.
    package let mode: UInt32
    /// What becomes of the file that is replaced.
    package let previous: Previous
    /// Whether it is on the disk when it is in place.
    package let isSynced: Bool

    package enum Previous {
        /// It is gone.
        case none
        /// It stays under this second name.
        case kept(String)
        /// It is gone, and so is what an earlier replacement kept under this name.
        case removed(String)
    }

    package init(name: String, mode: UInt32 = 0o600, previous: Previous = .none, isSynced: Bool = true) {
        self.name = name
        self.mode = mode
        self.previous = previous
        self.isSynced = isSynced
    }

    /// Replaces the file.
    ///
    /// - Parameters:
    ///   - fill: writes the new bytes into the temporary.
    ///   - verify: reads the synced temporary back; when it throws, nothing is replaced.
    /// - Throws: ``FileError/durabilityUnknown(path:code:)`` when only the directory's last sync failed:
    ///   the new file is in place then.
    package func write(
        in directory: borrowing Directory, fill: (borrowing FileHandle) throws -> Void,
        verify: (borrowing FileHandle) throws -> Void
    ) throws {
        try sweep(directory)
        let temporary = "\(prefix)\(getpid())"
        do {
            try write(temporary, in: directory, fill)
            try verify(directory.open(temporary))
            try settlePrevious(in: directory)
            guard
                unsafe renameat(
                    directory.handle.descriptor, temporary, directory.handle.descriptor, name) == 0
            else { throw FileError.last("rename", directory.path + "/" + name) }
        } catch {
            // Report the first error; the next save removes a temporary that cannot be removed now.
            try? directory.remove(temporary)
            throw error
        }
        guard !isSynced || fsync(directory.handle.descriptor) == 0 else {
            throw FileError.durabilityUnknown(path: directory.path + "/" + name, code: errno)
        }
    }

    private var prefix: String { ".\(name).new-" }

    /// Removes what earlier writers that were killed left behind; the lock says that none is at work.
    private func sweep(_ directory: borrowing Directory) throws(FileError) {
        for stale in try directory.names() where stale.hasPrefix(prefix) { try directory.remove(stale) }
    }

    private func write(
        _ temporary: String, in directory: borrowing Directory, _ fill: (borrowing FileHandle) throws -> Void
    ) throws {
        let file = try directory.open(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, mode: mode & 0o700)
        if mode & 0o077 != 0 { try file.setPermissions(mode) }
        try fill(file)
        if isSynced { try file.synchronize() }
    }

    private func settlePrevious(in directory: borrowing Directory) throws(FileError) {
        switch previous {
        case .none: return
        case .removed(let name): try directory.remove(name)
        case .kept(let previousName): try keep(previousName, in: directory)
        }
    }

    private func keep(_ previousName: String, in directory: borrowing Directory) throws(FileError) {
        guard try directory.status(of: name) != nil else { return }
        try directory.remove(previousName)
        let base = directory.handle.descriptor
        if unsafe linkat(base, name, base, previousName, 0) == 0 { return }
        guard errno == EPERM || errno == EOPNOTSUPP || errno == EMLINK || errno == ENOSYS else {
            throw .last("link", directory.path + "/" + previousName)
        }
        let old = try directory.open(name)
        let copy = try directory.open(previousName, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        do {
            try copyContents(of: old, to: copy)
            try copy.synchronize()
        } catch {
            // Half a copy would pass for one.
            try? directory.remove(previousName)
            throw error
        }
    }

    private func copyContents(
        of old: borrowing FileHandle, to copy: borrowing FileHandle
    ) throws(FileError) {
        var chunk = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let got = try old.read(into: chunk.mutableRawSpan)
            if got == 0 { return }
            try copy.write(chunk.rawSpan.extracting(first: got))
        }
    }
}
