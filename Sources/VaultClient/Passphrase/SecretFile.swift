package import DurableFiles
import Platform
import ProgramSupport
package import SecureMemory

/// Files that hold one secret: passphrases, recovery codes, secret access keys.
package enum SecretFile {
    /// Reads a file of one secret, which belongs to the user or root and is closed to all others, without one
    /// newline at its end; `/dev/fd/N` and `-` work.
    package static func readPassphrase(_ path: String, limit: Int) throws -> SecretBytes {
        try read(path, limit: limit + 2).droppingNewline(limit: limit, path: path)
    }

    /// Reads a passphrase file, which may have more lines than that of the passphrase.
    static func passphraseText(_ path: String, limit: Int, isSystemd: Bool = false) throws -> PassphraseText {
        do {
            let text = try read(path, limit: PassphraseText.textLimit, isSystemd: isSystemd)
            return try PassphraseText(text, limit: limit, source: path)
        } catch let error as FileError {
            throw Failure(error, passphraseFile: path)
        }
    }

    private static func read(_ path: String, limit: Int, isSystemd: Bool = false) throws -> SecretBytes {
        let handle = try open(path)
        let status = try handle.status()
        // What came as a descriptor was opened by whoever started us, under rules of their own.
        if status.isRegular, descriptorNumber(path) == nil {
            try status.requireOwn(path, orRoot: true)
            // systemd opens a credential to one user by an access list, which shows in the group's bits.
            if !isSystemd || status.permissions & 0o007 != 0 { try status.requireClosedToOthers(path) }
        } else if descriptorNumber(path) == nil {
            try status.requireRegular(path)
        }
        return try handle.readAll(limit: limit)
    }

    /// Opens a file to read; a number of an open descriptor, or `-` for stdin, stands for what is open there.
    package static func open(_ path: String) throws -> FileHandle {
        guard let number = descriptorNumber(path) else { return try FileHandle.open(path) }
        // At the start, a standard descriptor that is closed gets one that cannot be read.
        let mode = fcntl(number, F_GETFL)
        let isReadable = mode >= 0 && mode & O_ACCMODE != O_WRONLY
        let copy = isReadable ? fcntl(number, F_DUPFD_CLOEXEC, 3) : -1
        guard copy >= 0 else {
            guard number == 0 else { throw Failure(.missing, "descriptor \(number) is not open to be read") }
            throw Failure(.missing, "stdin is closed", hint: "pipe the text into it, or name a file")
        }
        return FileHandle(adopting: copy, path: path)
    }

    /// Whether the path stands for stdin.
    package static func isStandardInput(_ path: String) -> Bool { descriptorNumber(path) == 0 }

    /// Whether the path stands for an open descriptor, which has no name that could be deleted.
    package static func isDescriptor(_ path: String) -> Bool { descriptorNumber(path) != nil }

    private static func descriptorNumber(_ path: String) -> Int32? {
        if path == "-" || path == "/dev/stdin" { return 0 }
        for prefix in ["/dev/fd/", "/proc/self/fd/"] where path.hasPrefix(prefix) {
            return Int32(path.dropFirst(prefix.count)).flatMap { $0 >= 0 ? $0 : nil }
        }
        return nil
    }

    /// Refuses a path where ``create(_:_:)`` could not make a file, before anything is asked.
    static func requireFree(_ path: String) throws {
        var status = stat()
        if unsafe lstat(path, &status) == 0 { throw FileError.exists(path: path) }
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
        guard unsafe access(String(folder), W_OK) == 0 else {
            let code = errno
            throw code == ENOENT
                ? FileError.missing(path: path) : FileError.system(call: "open", path: path, code: code)
        }
    }

    /// Makes a file for a secret and a newline; one that exists is never overwritten.
    package static func create(_ path: String, _ secret: borrowing SecretBytes) throws {
        let handle = try FileHandle.open(path, flags: O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
        do {
            try handle.write(secret.bytes)
            let newline: StaticString = "\n"
            try handle.write(newline.rawSpan)
            try handle.synchronize()
        } catch {
            unsafe unlink(path)
            throw error
        }
    }
}

extension SecretBytes {
    /// The bytes without one LF or CRLF at their end.
    consuming func droppingNewline(limit: Int, path: String) throws -> SecretBytes {
        let length = countWithoutNewline()
        guard length <= limit else {
            throw Failure(.malformed, "\(path.printable) has more than \(limit) bytes")
        }
        return try resized(to: length)
    }

    private borrowing func countWithoutNewline() -> Int {
        unsafe withUnsafeBytes { bytes in
            guard bytes.count > 0, unsafe bytes[bytes.count - 1] == UInt8(ascii: "\n") else {
                return bytes.count
            }
            guard bytes.count > 1, unsafe bytes[bytes.count - 2] == UInt8(ascii: "\r") else {
                return bytes.count - 1
            }
            return bytes.count - 2
        }
    }
}
