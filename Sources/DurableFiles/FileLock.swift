import Platform
import SecureMemory

/// An exclusive lock on a file, held until the value ends. It does not remove the file.
package struct FileLock: ~Copyable {
    private let handle: FileHandle

    /// Waits up to `seconds` for the lock on `name`, which is created when it is missing.
    ///
    /// - Throws: ``FileError/busy(path:)`` when another process kept the lock for that long.
    package init(_ name: String, in directory: borrowing Directory, seconds: Double) throws(FileError) {
        let handle = try directory.open(name, flags: O_RDWR | O_CREAT, mode: 0o600)
        try handle.status().requireRegular(handle.path)
        let deadline = MonotonicClock.seconds() + seconds
        while flock(handle.descriptor, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else { throw .last("flock", handle.path) }
            guard MonotonicClock.seconds() < deadline else { throw .busy(path: handle.path) }
            usleep(10_000)
        }
        self.handle = handle
    }

    package var descriptor: Int32 { handle.descriptor }

    /// Whether the locked file is the one that has this name now.
    package func isNamed(
        _ name: String, in directory: borrowing Directory
    ) throws(FileError) -> Bool {
        try directory.status(of: name)?.identity == handle.status().identity
    }

    /// Writes a few words for other processes that wait for the lock.
    package func replaceContent(with text: String) throws(FileError) {
        guard ftruncate(handle.descriptor, 0) == 0 else { throw .last("ftruncate", handle.path) }
        try handle.write(text.utf8.span.rawSpan)
    }
}
