import Platform
package import SecureMemory

/// A client's connection to the agent of the same user, checked on both sides.
package struct AgentConnection: ~Copyable {
    package let descriptor: Int32
    /// How long one answer may take, in milliseconds.
    private let timeout: Int32

    /// Milliseconds for connecting, and for one answer, where a caller says nothing else.
    package static let timeout: Int32 = 5000
    /// Milliseconds for an answer that waits for AWS, by the agent's own word.
    package static let patience: Int32 = 22_000

    /// Connects, once the socket and its directory are seen to be ours and nobody else's to change.
    ///
    /// - Parameter connecting: milliseconds to wait while the queue is full, where that is not the time for an answer.
    package init(
        _ address: AgentAddress, timeout: Int32 = Self.timeout, connecting: Int32? = nil
    ) throws(AgentError) {
        try Self.checkFiles(address)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | closeOnExecNonBlocking, 0)
        guard descriptor >= 0 else { throw .system(call: "socket", code: errno) }
        do throws(AgentError) {
            try Self.connect(descriptor, address, connecting ?? timeout)
            var peer = uid_t.max
            guard unsafe platform_peer_user(descriptor, &peer) == 0 else {
                throw .system(call: "getsockopt", code: errno)
            }
            guard peer == geteuid() else { throw .untrusted(.peer) }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        self.timeout = timeout
    }

    deinit { close(descriptor) }

    /// The process that listens, or that made the socket for it; nil when it is not known.
    package var peer: Int32? {
        let process = platform_peer_process(descriptor)
        return process > 0 ? process : nil
    }

    /// Sends all that the buffer holds.
    package func send(_ frames: borrowing SecretBuffer) throws(AgentError) {
        try unsafe frames.withUnsafeBytes { (bytes) throws(AgentError) in
            var sent = 0
            while sent < bytes.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let count = unsafe platformSend(descriptor, rest.baseAddress, rest.count)
                if count >= 0 {
                    sent += count
                } else if errno == EAGAIN {
                    try wait(for: POLLOUT, timeout, watchingOutput: false)
                } else if errno == EPIPE || errno == ECONNRESET {
                    // A server that refused us has closed; what it had to say can still be read.
                    return
                } else if errno != EINTR {
                    throw .system(call: "send", code: errno)
                }
            }
        }
    }

    /// Replaces what the buffer holds by the next frame.
    ///
    /// - Parameters:
    ///   - isLast: whether nothing may follow it, which saves a call.
    ///   - watchingOutput: whether to give up when nobody reads our stdout any more.
    package func receive(
        into buffer: inout SecretBuffer, isLast: Bool = true, watchingOutput: Bool = false
    ) throws(AgentError) {
        buffer.truncate(to: 0)
        var timeout = timeout
        while true {
            let head = unsafe buffer.withUnsafeBytes { unsafe FrameHead($0) }
            var room = isLast ? 4000 : 4 - buffer.count
            switch head {
            case .malformed: throw .malformed
            case .size(AgentMessage.headCount) where Self.isWaiting(buffer):
                // The answer follows, or lies behind it already.
                buffer.removeFirst(AgentMessage.headCount)
                timeout = Self.patience
                continue
            case .size(let size) where buffer.count > size: throw .malformed
            case .size(let size) where buffer.count == size: return
            case .size(let size): room = size - buffer.count + (isLast ? 1 : 0)
            case .incomplete: break
            }
            try wait(for: POLLIN, timeout, watchingOutput: watchingOutput)
            try fill(&buffer, room: room)
        }
    }

    private static func isWaiting(_ buffer: borrowing SecretBuffer) -> Bool {
        unsafe buffer.withUnsafeBytes { bytes in
            unsafe bytes.count >= AgentMessage.headCount
                && bytes[AgentMessage.headCount - 1] == AgentMessage.Answer.waiting.rawValue
        }
    }

    private func fill(_ buffer: inout SecretBuffer, room: Int) throws(AgentError) {
        var code: Int32 = 0
        let got: Int
        do {
            got = try unsafe buffer.fill(room: room) { room in
                while true {
                    let count = unsafe Platform.read(descriptor, room.baseAddress, room.count)
                    if count >= 0 { return count }
                    code = errno
                    if code != EINTR { return 0 }
                }
            }
        } catch let error as SecureMemoryError {
            throw .memory(error)
        } catch { preconditionFailure("no other error is thrown here") }
        if got == 0, code == 0 || code == ECONNRESET { throw .malformed }
        if got == 0, code != EAGAIN { throw .system(call: "read", code: code) }
    }

    private func wait(for event: Int32, _ timeout: Int32, watchingOutput: Bool) throws(AgentError) {
        var output = pollfd(fd: watchingOutput ? 1 : -1, events: 0, revents: 0)
        output.revents = 0
        var waiting = (pollfd(fd: descriptor, events: Int16(event), revents: 0), output)
        while true {
            let count = unsafe withUnsafeMutableBytes(of: &waiting) { bytes in
                unsafe poll(
                    bytes.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, timeout)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(call: "poll", code: errno) }
            if waiting.0.revents != 0 { return }
            throw count == 0 ? .timeout : .abandoned
        }
    }

    private static func connect(
        _ descriptor: Int32, _ address: AgentAddress, _ timeout: Int32
    ) throws(AgentError) {
        // A full queue refuses a connection that does not wait; an agent empties it within moments.
        for _ in 0..<max(timeout / 10, 1) {
            let result = unsafe address.withAddress { unsafe Platform.connect(descriptor, $0, $1) }
            if result == 0 { return }
            switch errno {
            case EAGAIN, EINTR: usleep(10_000)
            case ENOENT, ECONNREFUSED: throw .absent
            default: throw .system(call: "connect", code: errno)
            }
        }
        throw .timeout
    }

    private static func checkFiles(_ address: AgentAddress) throws(AgentError) {
        var status = stat()
        guard unsafe address.withDirectory({ unsafe lstat($0, &status) }) == 0 else { throw .absent }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw .untrusted(.notDirectory) }
        guard status.st_uid == geteuid() else { throw .untrusted(.directoryOwner) }
        guard status.st_mode & 0o022 == 0 else { throw .untrusted(.directoryPermissions) }
        guard unsafe address.withPath({ unsafe lstat($0, &status) }) == 0 else { throw .absent }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .untrusted(.notSocket) }
        guard status.st_uid == geteuid() else { throw .untrusted(.socketOwner) }
    }
}

private func platformSend(_ descriptor: Int32, _ source: UnsafeRawPointer?, _ count: Int) -> Int {
    unsafe send(descriptor, source, count, Int32(MSG_NOSIGNAL))
}
