import Platform
package import SecureMemory

/// A client's connection to the agent of the same user, checked on both sides.
package struct AgentConnection: ~Copyable {
    package let descriptor: Int32
    /// How long one answer may take, in milliseconds.
    private let timeout: Int32
    /// When all that is asked of it must be done, in milliseconds of `MonotonicClock`.
    let end: Int64

    /// Connects, once the socket and its directory are seen to be ours and nobody else's to change.
    ///
    /// - Parameters:
    ///   - connecting: milliseconds to wait while the queue is full, where that is not the time for an answer.
    ///   - end: when all that is asked of it must be done, whatever the parts take; in milliseconds of
    ///     `MonotonicClock`.
    package init(
        _ address: AgentAddress, timeout: Int32 = Timeouts.answer, connecting: Int32? = nil,
        until end: Int64 = .max
    ) throws(AgentError) {
        try Self.checkFiles(address)
        let descriptor = platform_socket()
        guard descriptor >= 0 else { throw .system(call: "socket", code: errno) }
        do throws(AgentError) {
            try Self.connect(descriptor, address, Self.left(connecting ?? timeout, until: end))
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
        self.end = end
    }

    /// Of a part's time what is left of the whole.
    private static func left(_ timeout: Int32, until end: Int64) -> Int32 {
        Int32(clamping: min(Int64(timeout), max(end - MonotonicClock.milliseconds(), 0)))
    }

    deinit { close(descriptor) }

    /// The process that listens, or that made the socket for it; nil when it is not known.
    package var peer: Int32? {
        let process = platform_peer_process(descriptor)
        return process > 0 ? process : nil
    }

    /// Sends all that the buffer holds.
    package func send(_ frames: borrowing SecretBuffer) throws(AgentError) {
        var sent = 0
        while sent < frames.count {
            let count = SystemCall.send(descriptor, frames.bytes.extracting(droppingFirst: sent))
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
            let head = FrameHead(buffer.bytes)
            var room = isLast ? 4000 : 4 - buffer.count
            switch head {
            case .malformed: throw .malformed
            case .size(AgentMessage.headCount) where Self.isWaiting(buffer):
                // The answer follows, or lies behind it already.
                buffer.removeFirst(AgentMessage.headCount)
                timeout = Timeouts.waitingAnswer
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
        buffer.count >= AgentMessage.headCount
            && buffer.bytes.byte(at: AgentMessage.headCount - 1) == AgentMessage.Answer.waiting.rawValue
    }

    private func fill(_ buffer: inout SecretBuffer, room: Int) throws(AgentError) {
        while true {
            let got: Int
            do { got = try buffer.read(from: descriptor, room: room) } catch { throw .memory(error) }
            if got > 0 { return }
            if got == 0 || errno == ECONNRESET { throw buffer.count == 0 ? .ended : .malformed }
            if errno == EAGAIN { return }
            if errno != EINTR { throw .system(call: "read", code: errno) }
        }
    }

    private func wait(for event: Int32, _ timeout: Int32, watchingOutput: Bool) throws(AgentError) {
        switch SystemCall.wait(
            for: descriptor, event, milliseconds: Self.left(timeout, until: end),
            watchingOutput: watchingOutput)
        {
        case .ready: return
        case .late: throw .timeout
        case .abandoned: throw .abandoned
        case .failed: throw .system(call: "poll", code: errno)
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
        guard let directory = address.directoryFacts else { throw .absent }
        guard directory.isDirectory else { throw .untrusted(.notDirectory) }
        guard directory.isOurs else { throw .untrusted(.directoryOwner) }
        guard !directory.isWritableByOthers else { throw .untrusted(.directoryPermissions) }
        guard let socket = address.facts else { throw .absent }
        guard socket.isSocket else { throw .untrusted(.notSocket) }
        guard socket.isOurs else { throw .untrusted(.socketOwner) }
    }
}
