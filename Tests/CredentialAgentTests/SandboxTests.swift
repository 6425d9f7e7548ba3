import CProbe
import CSandbox
import CredentialAgent
import CredentialVault
import DurableFiles
import Platform
import SecureMemory
import TestSupport
import Testing

/// Each thing that the sandbox forbids is tried in it. What a process of its own dies of is tried in one.
@Suite("Sandbox")
struct SandboxTests {
    @Test("the agent writes its own folders of the state, and nothing else in the file system")
    func files() async {
        await #expect(processExitsWith: .success) {
            let folders = try Folders()
            guard sandbox_landlock_version() > 0 else { return }
            let found = onThread { () -> [String: Int32] in
                _ = Sandbox.harden()
                _ = Sandbox.restrictFiles(folders.location, socketDirectory: folders("run"))
                var found: [String: Int32] = [:]
                for folder in ["data", "state", "state/profiles", "state/agents", "run", "other"] {
                    let file = folders(folder) + "/file"
                    found["make in \(folder)"] = opens(folders(folder) + "/new", O_WRONLY | O_CREAT)
                    found["mkdir in \(folder)"] = unsafe failure(mkdir(folders(folder) + "/newer", 0o700))
                    found["write in \(folder)"] = opens(file, O_WRONLY)
                    if !["run", "state/agents"].contains(folder) {
                        found["remove in \(folder)"] = unsafe failure(unlink(file))
                    }
                    if sandbox_landlock_version() >= 3 {
                        found["truncate in \(folder)"] = unsafe failure(truncate(file, 0))
                    }
                    // Where both places would have to allow it, the kernel may name the move itself.
                    let moved = unsafe failure(rename(file, folders("state/sessions/moved")))
                    found["move from \(folder)"] = moved == EXDEV ? EACCES : moved
                }
                for path in ["other/file", "state/profiles/file", "run/file"] {
                    found["read \(path)"] = opens(folders(path), O_RDONLY)
                }
                found["read /etc/passwd"] = opens("/etc/passwd", O_RDONLY)
                return found
            }
            for (what, code) in found { #expect(code == EACCES, "\(what): \(code)") }
        }
    }

    @Test("the agent can do what it must with files")
    func ownFiles() async {
        await #expect(processExitsWith: .success) {
            let folders = try Folders()
            let found = onThread { () -> [String: Int32] in
                _ = Sandbox.harden()
                _ = Sandbox.restrictFiles(folders.location, socketDirectory: folders("run"))
                _ = Sandbox.restrictCalls()
                var found = ["read data": opens(folders("data/file"), O_RDONLY)]
                for folder in ["state/vaults", "state/sessions"] {
                    found["make \(folder)"] = opens(folders(folder) + "/new", O_WRONLY | O_CREAT)
                    found["replace \(folder)"] = unsafe failure(
                        rename(folders(folder) + "/new", folders(folder) + "/file"))
                    found["read \(folder)"] = opens(folders(folder) + "/file", O_RDONLY)
                    found["remove \(folder)"] = unsafe failure(unlink(folders(folder) + "/file"))
                }
                found["remove the registration"] = unsafe failure(unlink(folders("state/agents/file")))
                found["remove the socket"] = unsafe failure(unlink(folders("run/file")))
                found["end a signal"] = probe(probe_tgkill, Int(getpid()), Int(probe_thread()), 0)
                return found
            }
            for (what, code) in found { #expect(code == 0, "\(what): \(code)") }
        }
    }

    @Test("a socket in a folder above the vault gives no right to remove what is there")
    func socketAbove() async {
        await #expect(processExitsWith: .success) {
            let folders = try Folders()
            let found = onThread { () -> Int32? in
                _ = Sandbox.harden()
                _ = Sandbox.restrictFiles(folders.location, socketDirectory: folders.root)
                guard sandbox_landlock_version() > 0 else { return nil }
                return unsafe failure(unlink(folders("data/file")))
            }
            if let found { #expect(found == EACCES) }
        }
    }

    @Test("Landlock closes the network")
    func network() async {
        await #expect(processExitsWith: .success) {
            guard sandbox_landlock_version() >= 4 else { return }
            let listener = try #require(Listener.tcp())
            #expect(onThread { listener.connect() } == 0, "it is there, or the refusal says nothing")
            #expect(onThread { Listener.tcp() != nil })
            let folders = try Folders()
            let found = onThread {
                _ = Sandbox.harden()
                _ = Sandbox.restrictFiles(folders.location, socketDirectory: folders("run"))
                return (listener.connect(), Listener.tcp() != nil)
            }
            #expect(found.0 == EACCES)
            #expect(!found.1, "a socket was bound")
        }
    }

    @Test("Landlock closes abstract sockets and other processes' signals")
    func scopes() async {
        await #expect(processExitsWith: .success) {
            guard sandbox_landlock_version() >= 6 else { return }
            let listener = try #require(Listener.abstract())
            let other = try #require(OtherProcess())
            #expect(onThread { listener.connect() } == 0)
            #expect(onThread { failure(kill(other.id, 0)) } == 0)
            let folders = try Folders()
            let found = onThread {
                _ = Sandbox.harden()
                _ = Sandbox.restrictFiles(folders.location, socketDirectory: folders("run"))
                return [listener.connect(), failure(kill(other.id, 0))]
            }
            #expect(found == [EPERM, EPERM])
        }
    }

    @Test("no new privileges can be gained, and the system says so")
    func privileges() async {
        await #expect(processExitsWith: .success) {
            let lines = onThread { () -> [Substring] in
                #expect(Sandbox.harden().first { $0.name == "new_privileges" }?.state == "off")
                return status()
            }
            #expect(lines.contains("NoNewPrivs:\t1"))
            #expect(status().contains("NoNewPrivs:\t0"), "it was not so before")
        }
    }

    @Test("a call that is not in the list is refused, and the system says that a filter is there")
    func calls() async {
        await #expect(processExitsWith: .success) {
            let other = try #require(OtherProcess())
            let found = onThread { () -> ([String: Int32], [Substring]) in
                _ = Sandbox.harden()
                #expect(Sandbox.restrictCalls().state == "on")
                var found: [String: Int32] = [:]
                let calls = [
                    ("getppid", probe_getppid), ("chdir", probe_chdir), ("clone", probe_clone),
                    ("connect", probe_connect), ("prctl", probe_prctl), ("sendmsg", probe_sendmsg),
                    ("pidfd_open", probe_pidfd_open),
                ]
                for (name, number) in calls { found[name] = probe(number, 0, 0, 0) }
                found["socket"] = probe_socket(AF_UNIX)
                found["socket of the network"] = probe_socket(AF_INET)
                found["kill"] = probe(probe_kill, Int(other.id), 0, 0)
                found["tgkill"] = probe(probe_tgkill, Int(other.id), Int(other.id), 0)
                found["signals to another's descriptor"] = probe(probe_fcntl, 0, 8, Int(other.id))
                found["signals of a descriptor"] = probe(probe_fcntl, 0, 10, 9)
                found["signals to a thread's descriptor"] = probe(probe_fcntl, 0, 15, 0)
                found["executable memory"] = probe_map(PROT_READ | PROT_EXEC, 0)
                found["memory made executable"] = probe_map(PROT_READ | PROT_EXEC, 1)
                return (found, status())
            }
            for (what, code) in found.0 { #expect(code == EPERM, "\(what): \(code)") }
            #expect(found.1.contains("Seccomp:\t2"))
        }
    }

    @Test("what is not refused is still possible without the sandbox")
    func control() async throws {
        let other = try #require(OtherProcess())
        let found = [
            probe(probe_getppid, 0, 0, 0), probe_socket(AF_UNIX), probe_socket(AF_INET),
            probe(probe_kill, Int(other.id), 0, 0), probe(probe_tgkill, Int(other.id), Int(other.id), 0),
            probe_map(PROT_READ | PROT_EXEC, 0), probe_map(PROT_READ | PROT_EXEC, 1),
        ]
        #expect(found == [0, 0, 0, 0, 0, 0, 0])
    }

    @Test(
        "what nothing honest asks for ends the process",
        arguments: [probe_execve, probe_execveat, probe_ptrace, probe_x32_getpid].filter { $0 != 0 })
    func kills(number: Int) async {
        await #expect(processExitsWith: .signal(SIGSYS)) { [number] in
            _ = Sandbox.harden()
            guard Sandbox.restrictCalls().state == "on" else { return }
            _ = probe(number, 0, 0, 0)
            exit(0)
        }
    }
}

/// What the system says of the calling thread.
private func status() -> [Substring] {
    guard let file = try? FileHandle.open("/proc/thread-self/status"),
        let text = try? file.readAll(limit: 1 << 16)
    else { return [] }
    return unsafe text.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }.split(separator: "\n")
}

/// A process that is no child of the sandbox.
private final class OtherProcess: Sendable {
    let id: pid_t

    init?() {
        var made: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = unsafe [strdup("sleep"), strdup("60"), nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        guard unsafe posix_spawn(&made, "/bin/sleep", nil, nil, &arguments, environ) == 0 else { return nil }
        id = made
    }

    deinit {
        kill(id, SIGKILL)
        waitpid(id, nil, 0)
    }
}

/// A socket that listens, and its address.
private struct Listener: Sendable {
    let family: Int32
    let descriptor: Int32
    let address: [UInt8]

    static func tcp() -> Listener? {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return Listener(AF_INET, unsafe withUnsafeBytes(of: address) { unsafe Array($0) })
    }

    static func abstract() -> Listener? {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = unsafe withUnsafeBytes(of: address) { unsafe Array($0[..<2]) }
        return Listener(AF_UNIX, bytes + [0] + Array("sealring-test-\(getpid())".utf8))
    }

    private init?(_ family: Int32, _ wanted: [UInt8]) {
        let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return nil }
        var found = [UInt8](repeating: 0, count: 128)
        var count = socklen_t(found.count)
        let isBound = unsafe Self.with(wanted) { unsafe bind(descriptor, $0, $1) } == 0
        let isKnown = unsafe found.withUnsafeMutableBytes { bytes in
            guard let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                return false
            }
            return unsafe getsockname(descriptor, start, &count) == 0
        }
        guard isBound, isKnown, listen(descriptor, 8) == 0 else {
            close(descriptor)
            return nil
        }
        self.family = family
        self.descriptor = descriptor
        address = Array(found[..<Int(count)])
    }

    func connect() -> Int32 {
        let client = socket(family, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(client) }
        return unsafe failure(Self.with(address) { unsafe Glibc.connect(client, $0, $1) })
    }

    private static func with(
        _ address: [UInt8], _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        unsafe address.withUnsafeBytes { bytes in
            guard let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                return -1
            }
            return unsafe body(start, socklen_t(bytes.count))
        }
    }
}
