import CProbe
import CredentialAgent
import CredentialVault
import DurableFiles
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Runs `body` on a thread of its own, which is all that Landlock and seccomp bind: the rest of the process can
/// look at what became of it, and tidy up.
func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result {
    let work = Work(body)
    var thread = pthread_t()
    let started = unsafe pthread_create(
        &thread, nil,
        { raw in
            guard let raw = unsafe raw else { return nil }
            unsafe Unmanaged<AnyWork>.fromOpaque(raw).takeUnretainedValue().run()
            return nil
        }, Unmanaged<AnyWork>.passUnretained(work).toOpaque())
    precondition(started == 0)
    pthread_join(thread, nil)
    guard let result = work.result else { preconditionFailure("the thread was joined") }
    return result
}

private class AnyWork {
    func run() {}
}

private final class Work<Result>: AnyWork {
    private let body: @Sendable () -> Result
    private(set) var result: Result?

    init(_ body: @escaping @Sendable () -> Result) { self.body = body }

    override func run() { result = body() }
}

/// The folders that an agent meets, each with something in it.
final class Folders: Sendable {
    let root: String

    init() throws {
        var template = Array("/tmp/sealring-test-XXXXXX".utf8CString)
        precondition(unsafe mkdtemp(&template) != nil, "no folder for the test")
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for folder in [
            "data", "state", "state/vaults", "state/sessions", "state/profiles", "state/agents", "run",
            "other",
        ] {
            try Directory.make(self(folder))
            close(unsafe creat(self(folder) + "/file", 0o600))
        }
    }

    deinit { remove(root) }

    func callAsFunction(_ name: String) -> String { root + "/" + name }

    var location: VaultLocation { VaultLocation(path: self("data/vault"), stateDirectory: self("state")) }

    private func remove(_ path: String) {
        for name in (try? Directory(path, strict: false).names()) ?? [] {
            if unsafe unlink(path + "/" + name) != 0 { remove(path + "/" + name) }
        }
        _ = unsafe rmdir(path)
    }
}

func failure(_ result: Int32) -> Int32 { result < 0 ? errno : 0 }

/// The `errno` of an attempt to open a file, or 0.
func opens(_ path: String, _ flags: Int32) -> Int32 { unsafe probe_open(path, flags) }
