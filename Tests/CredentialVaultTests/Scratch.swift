import CredentialVault
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

    /// Where the test's vault lies.
    var location: VaultLocation { VaultLocation(path: path + "/vault", stateDirectory: path + "/state") }

    /// The path of something in the directory.
    func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// All names in the directory but that of the state, sorted.
    func names() throws -> [String] {
        try Directory(path, strict: false).names().filter { $0 != "state" }.sorted()
    }

    func permissions(_ name: String) -> UInt32? {
        var status = stat()
        return unsafe lstat(self(name), &status) == 0 ? UInt32(status.st_mode & 0o7777) : nil
    }

    func read(_ name: String = "vault") throws -> [UInt8] {
        let bytes = try FileHandle.open(self(name)).readAll(limit: 1 << 24)
        return unsafe bytes.withUnsafeBytes { unsafe Array($0) }
    }

    func write(_ bytes: [UInt8], to name: String = "vault") throws {
        let file = try FileHandle.open(self(name), flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
        try file.write(bytes.rawSpan)
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
