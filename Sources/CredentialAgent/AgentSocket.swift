package import AgentProtocol
import DurableFiles
import Platform
package import ProgramSupport
import SecureMemory

/// The socket that the agent listens on.
package struct AgentSocket: ~Copyable {
    package let descriptor: Int32
    /// Where clients connect.
    package let address: AgentAddress
    /// Tells when something is taken out of the socket's directory; nil where that cannot be had.
    package let watch: Int32?
    /// Where it was bound, to remove it at the end; nil when somebody else made it.
    private let bound: Bound?

    private struct Bound: ~Copyable {
        let path: String
        /// What tells our socket from one that another agent put there.
        let identity: [UInt64]
        /// Held as long as the agent lives, so that the next one knows of it even without a socket.
        let life: FileLock
    }

    package enum Outcome: ~Copyable {
        case listening(AgentSocket)
        /// Another agent of this user listens there.
        case taken
    }

    /// The socket that a service manager made; nil when there is none.
    ///
    /// Source: `sd_listen_fds(3)`.
    package static func inherited() throws(Failure) -> AgentSocket? {
        guard let process = Environment.value("LISTEN_PID"), Int32(process) == getpid(),
            let count = Environment.value("LISTEN_FDS")
        else { return nil }
        var kind: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        guard count == "1", unsafe getsockopt(3, SOL_SOCKET, SO_ACCEPTCONN, &kind, &size) == 0, kind == 1
        else {
            throw Failure(AgentReason.invalidSocket)
        }
        _ = fcntl(3, F_SETFD, FD_CLOEXEC)
        _ = fcntl(3, F_SETFL, O_NONBLOCK)
        return AgentSocket(descriptor: 3, address: try closedAddress(of: 3), watch: nil, bound: nil)
    }

    /// Makes the socket, with its directory, closed to others. A stale one is replaced, under a lock.
    ///
    /// - Parameter end: when it must be made, in milliseconds of `MonotonicClock`.
    package static func make(_ address: AgentAddress, until end: Int64) throws -> Outcome {
        let path = address.path
        guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw Failure(.usage, "the socket \(path.printable) has no directory of its own")
        }
        let folder = String(path[..<slash])
        try Directory.make(folder)
        let directory = try Directory(folder)
        let lock = try FileLock("agent.lock", in: directory, seconds: seconds(Timeouts.starting, until: end))
        defer { extendLifetime(lock) }
        let name = String(path[path.index(after: slash)...])
        if let status = try directory.status(of: name) {
            guard status.kind == "a socket" else {
                throw Failure(
                    .malformed, "\(path.printable) is \(status.kind), not a socket", hint: "move it away")
            }
            try status.requireOwn(path)
            if try isAlive(address, path, until: end) { return .taken }
            try directory.remove(name)
        }
        let life = try succeed(in: directory, until: end)
        let descriptor = try bind(address, path)
        guard let identity = try directory.status(of: name)?.identity else {
            throw FileError.missing(path: path)
        }
        let watch = unsafe folder.withCString { unsafe platform_watch_directory($0) }
        return .listening(
            AgentSocket(
                descriptor: descriptor, address: address, watch: watch < 0 ? nil : watch,
                bound: Bound(path: path, identity: identity, life: life)))
    }

    /// A socket that others made has to be as closed as our own: bound to a path, in a directory that only this
    /// user writes to.
    ///
    /// - Returns: where it is, which the environment need not say.
    private static func closedAddress(of descriptor: Int32) throws(Failure) -> AgentAddress {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe getsockname(descriptor, $0, &size)
            }
        }
        let bytes = unsafe withUnsafeBytes(of: address.sun_path) { bytes in
            unsafe [UInt8](bytes.prefix { $0 != 0 })
        }
        let path = String(decoding: bytes, as: UTF8.self)
        guard result == 0, Int32(address.sun_family) == AF_UNIX, path.hasPrefix("/") else {
            throw Failure(AgentReason.invalidSocket)
        }
        do {
            let slash = path.lastIndex(of: "/") ?? path.startIndex
            let directory = try Directory(slash == path.startIndex ? "/" : String(path[..<slash]))
            guard let status = try directory.status(of: String(path[path.index(after: slash)...])) else {
                throw FileError.missing(path: path)
            }
            try status.requireOwn(path)
            guard status.kind == "a socket", status.permissions & 0o077 == 0 else {
                throw Failure(
                    .notPermitted, "others may connect to the socket \(path.printable)",
                    hint: "set SocketMode=0600 in the unit that makes it")
            }
            return try AgentAddress(path: bytes.rawSpan)
        } catch let failure as Failure {
            throw failure
        } catch let error as FileError {
            throw Failure(error)
        } catch { throw Failure(.inputOutput, "the socket \(path.printable) cannot be checked") }
    }

    /// Ends an agent that lost its socket: nobody could lock it any more.
    private static func succeed(in directory: borrowing Directory, until end: Int64) throws -> FileLock {
        do {
            return try begin(try FileLock(lifeName, in: directory, seconds: 0))
        } catch FileError.busy {
            try endHolder(in: directory)
            do {
                return try begin(
                    try FileLock(lifeName, in: directory, seconds: seconds(Timeouts.predecessor, until: end)))
            } catch FileError.busy(let path) {
                throw Failure(
                    .unavailable,
                    "another agent in this socket's directory could not be stopped: it holds \(path.printable)",
                    hint: "stop it with 'sealring lock --stop', in the container that it runs in")
            }
        }
    }

    /// Signals the process that holds the file, by the kernel's word: a number that is written down may be that of
    /// another program, or of another container.
    private static func endHolder(in directory: borrowing Directory) throws {
        let file = try directory.open(lifeName)
        let process = platform_record_holder(file.descriptor)
        guard process > 0 else { return }
        let handle = platform_open_process(process)
        guard handle >= 0 else { return }
        defer { close(handle) }
        // Now the number cannot become another's.
        guard platform_record_holder(file.descriptor) == process else { return }
        _ = platform_signal_process(handle, SIGTERM)
    }

    private static func begin(_ lock: consuming FileLock) throws -> FileLock {
        guard platform_hold_record(lock.descriptor) == 0 else {
            throw FileError.system(call: "lock", path: lifeName, code: errno)
        }
        return lock
    }

    /// Of a part's time what is left of the whole.
    private static func seconds(_ part: Int32, until end: Int64) -> Double {
        min(Timeouts.seconds(part), Double(end - MonotonicClock.milliseconds()) / 1000)
    }

    private static let lifeName = "agent.pid"

    /// Whether clients still find the socket where it was made. One that others made is theirs to look after.
    package var isInPlace: () -> Bool {
        switch bound {
        case .some(let bound):
            let (path, identity) = (bound.path, bound.identity)
            return { FileStatus.of(path)?.identity == identity }
        case .none: return { true }
        }
    }

    /// Takes the socket away; the descriptor is closed with the process.
    package func remove() {
        switch bound {
        case .some(let bound):
            guard FileStatus.of(bound.path)?.identity == bound.identity else { return }
            unsafe unlink(bound.path)
        case .none: return
        }
    }

    private static func isAlive(_ address: AgentAddress, _ path: String, until end: Int64) throws -> Bool {
        let deadline = min(MonotonicClock.milliseconds() + Int64(Timeouts.endingAgent), end)
        while true {
            let liveness: AgentConnection.Liveness
            do {
                liveness = try AgentConnection.liveness(address, timeout: Timeouts.lastProbe, until: end)
            } catch { throw Failure(error) }
            switch liveness {
            case .answers: return true
            case .absent: return false
            // It is ending.
            case .ended where MonotonicClock.milliseconds() < deadline: usleep(Timeouts.retryInterval)
            case .ended, .silent:
                throw Failure(
                    .unavailable, "the agent at \(path.printable) does not answer",
                    hint: "stop it with 'sealring lock --stop'")
            }
        }
    }

    private static func bind(_ address: AgentAddress, _ path: String) throws -> Int32 {
        let descriptor = platform_socket()
        guard descriptor >= 0 else { throw FileError.system(call: "socket", path: path, code: errno) }
        // The mode is right from the first moment, and never mended afterwards.
        let mask = umask(0o177)
        let result = unsafe address.withAddress { unsafe Platform.bind(descriptor, $0, $1) }
        let code = errno
        umask(mask)
        guard result == 0, listen(descriptor, 512) == 0 else {
            close(descriptor)
            throw FileError.system(call: "bind", path: path, code: result == 0 ? errno : code)
        }
        return descriptor
    }
}
