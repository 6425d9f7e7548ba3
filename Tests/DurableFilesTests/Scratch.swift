import DurableFiles
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A directory of its own for one test, removed with all that is in it.
final class Scratch: Sendable {
    let path: String

    init() {
        var template = Array("/tmp/sealring-test-XXXXXX".utf8CString)
        precondition(unsafe mkdtemp(&template) != nil, "no scratch directory")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.clear(path) }

    /// The path of something in the directory.
    func callAsFunction(_ name: String) -> String { path + "/" + name }

    func write(_ text: String, to name: String, mode: UInt32 = 0o600) throws {
        let file = try FileHandle.open(self(name), flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try unsafe Array(text.utf8).withUnsafeBytes { try unsafe file.write($0) }
        try file.setPermissions(mode)
    }

    /// What a file holds, or nil when there is none.
    func read(_ name: String) throws -> String? {
        guard permissions(name) != nil else { return nil }
        let bytes = try FileHandle.open(self(name)).readAll(limit: 1 << 24)
        return unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    /// All names in the directory, sorted.
    func names() throws -> [String] { try Directory(path, strict: false).names().sorted() }

    func permissions(_ name: String) -> UInt32? {
        var status = stat()
        return unsafe lstat(self(name), &status) == 0 ? UInt32(status.st_mode & 0o7777) : nil
    }

    private static func clear(_ path: String) {
        _ = unsafe chmod(path, 0o700)
        for name in (try? Directory(path, strict: false).names()) ?? [] {
            let inner = path + "/" + name
            if unsafe unlink(inner) != 0 { clear(inner) }
        }
        _ = unsafe rmdir(path)
    }
}
