import AgentProtocol
import CPlatform
package import CredentialVault
import DurableFiles
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Serves the clients of one user, in one thread that waits in `poll`.
package final class AgentServer {
    /// The most connections at once. Beyond, one that asks for nothing makes room.
    static let connectionLimit = 512
    /// The most bytes of requests and answers that are kept besides those that are worked on.
    static let heldLimit = 10 << 20
    /// The most connections that are accepted before those that are there have their turn.
    static let acceptLimit = 16
    /// The most requests of one connection that are served before the others have their turn.
    static let turnLimit = 1
    /// The most commands whose changes are kept at once.
    static let changesLimit = 4

    private let state: AgentState
    private let listener: Int32
    private let timer: FileHandle
    private var timerDeadline: Int64 = 0
    private let signals: FileHandle
    private var clients: [Int32: Client] = [:]
    /// Where requests are read, and answers are written: the rest is kept only when there is one.
    private var request: SecretBuffer
    private var answer: SecretBuffer
    private var waiting: [pollfd] = []
    /// When connections are accepted again, after there were no descriptors left.
    private var pausedUntil: Int64?
    private var isEnding = false
    /// When those were looked at last that wait for what others fetch; and whether something has changed.
    private var lastWake: Int64 = 0
    private var mustWake = false

    /// - Parameters:
    ///   - listener: a socket that listens and does not wait.
    ///   - restrict: gives up the calls that are not needed from now on, and tells all protections.
    package init(
        _ location: VaultLocation, listener: Int32, restrict: () -> [(name: String, state: String)]
    ) throws {
        self.listener = listener
        timer = FileHandle(adopting: platform_lock_timer(), path: "timerfd")
        signals = FileHandle(adopting: platform_lock_signals(), path: "signalfd")
        request = try SecretBuffer(capacity: AgentMessage.frameLimit + 4, limit: AgentMessage.frameLimit + 4)
        answer = try SecretBuffer(capacity: AgentMessage.frameLimit + 4, limit: AgentMessage.frameLimit + 4)
        guard timer.descriptor >= 0, signals.descriptor >= 0 else {
            throw FileError.system(call: "timerfd", path: "the agent", code: errno)
        }
        // The name of the machine is not to be had any more afterwards.
        let sessionName = SessionName.ofThisUser()
        state = AgentState(
            location, processID: getpid(), protections: restrict(), sessionName: sessionName)
    }

    /// Serves until it is told to stop, by a request or by SIGTERM. The vault is locked then.
    package func run() {
        while !isEnding {
            let now = Descriptor.milliseconds()
            collect(now)
            let count = unsafe waiting.withUnsafeMutableBufferPointer { waiting in
                unsafe poll(waiting.baseAddress, nfds_t(waiting.count), patience(now))
            }
            guard count >= 0 || errno == EINTR else { break }
            if count >= 0 { handle() }
            wake(Descriptor.milliseconds())
            dropLate(Descriptor.milliseconds())
            state.lockIfDue(Descriptor.now())
            setTimer()
        }
        state.lock()
    }

    private func setTimer() {
        let deadline = state.deadline ?? 0
        guard deadline != timerDeadline else { return }
        timerDeadline = deadline
        platform_set_lock_timer(timer.descriptor, deadline)
    }

    private func collect(_ now: Int64) {
        waiting.removeAll(keepingCapacity: true)
        waiting.append(pollfd(fd: signals.descriptor, events: Int16(POLLIN), revents: 0))
        waiting.append(pollfd(fd: timer.descriptor, events: Int16(POLLIN), revents: 0))
        if let end = pausedUntil, now >= end { pausedUntil = nil }
        waiting.append(pollfd(fd: pausedUntil == nil ? listener : -1, events: Int16(POLLIN), revents: 0))
        for client in clients.values {
            // One request after the other: the next one waits until the answer is taken.
            let events = client.hasOutput ? POLLOUT : client.isParked ? 0 : POLLIN
            waiting.append(pollfd(fd: client.descriptor, events: Int16(events), revents: 0))
        }
    }

    /// How long `poll` may wait, in milliseconds; without an end when no client is late.
    private func patience(_ now: Int64) -> Int32 {
        if clients.values.contains(where: { $0.isReady && !$0.hasOutput && !$0.isParked }) { return 0 }
        var next = pausedUntil
        if clients.values.contains(where: \.isParked) {
            next = min(next ?? .max, mustWake ? now : lastWake + Self.wakeMilliseconds)
        }
        for case let deadline? in clients.values.lazy.map(\.deadline) where deadline < next ?? .max {
            next = deadline
        }
        return next.map { Int32(min(max($0 - now, 0), 60_000)) } ?? -1
    }

    private func handle() {
        if waiting[0].revents != 0 { takeSignals() }
        if waiting[1].revents != 0 { platform_drain(timer.descriptor) }
        for place in 3..<waiting.count {
            guard !isEnding, let client = clients[waiting[place].fd] else { continue }
            if client.isParked, !client.hasOutput {
                // Nothing is read of it meanwhile: it is gone.
                if waiting[place].revents != 0 { drop(client) }
                continue
            }
            guard waiting[place].revents != 0 || client.isReady && !client.hasOutput else { continue }
            let isFine = client.hasOutput ? client.sendRest() : receive(from: client)
            if !isFine || client.isEnding && !client.hasOutput { drop(client) }
        }
        if waiting[2].revents != 0, !isEnding { accept() }
    }

    private func takeSignals() {
        while true {
            let signal = platform_next_signal(signals.descriptor)
            if signal == 0 { return }
            state.lock()
            mustWake = true
            if signal == SIGTERM || signal == SIGINT { isEnding = true }
        }
    }

    // MARK: connections

    private func accept() {
        for _ in 0..<Self.acceptLimit {
            let descriptor = platform_accept(listener)
            guard descriptor >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS {
                    // Without descriptors `poll` would report the same connection again at once.
                    if !makeRoom() { pausedUntil = Descriptor.milliseconds() + 50 }
                }
                return
            }
            var peer = uid_t.max
            guard unsafe platform_peer_user(descriptor, &peer) == 0, peer == geteuid() else {
                close(descriptor)
                continue
            }
            if clients.count >= Self.connectionLimit, !makeRoom() {
                // All the others wait for something: this one comes back.
                close(descriptor)
                continue
            }
            let client = Client(descriptor, now: Descriptor.milliseconds())
            clients[descriptor] = client
            // Most have sent their request already.
            if !receive(from: client) { drop(client) }
            if isEnding { return }
        }
    }

    /// Drops the connection that has asked for nothing for the longest time.
    private func makeRoom() -> Bool {
        let idle = clients.values.filter { !$0.hasOutput && $0.changes == nil && !$0.isParked }
        // Those that never asked go first.
        let oldest = idle.min { ($0.hasAsked ? 1 : 0, $0.lastHeard) < ($1.hasAsked ? 1 : 0, $1.lastHeard) }
        guard let oldest else { return false }
        drop(oldest)
        return true
    }

    private func drop(_ client: Client) {
        close(client.descriptor)
        clients[client.descriptor] = nil
        if state.disconnected(Int(client.descriptor)) { mustWake = true }
    }

    /// Looks again at the requests that wait, when something has changed and once a second.
    private func wake(_ now: Int64) {
        guard mustWake || now - lastWake >= Self.wakeMilliseconds else { return }
        lastWake = now
        mustWake = false
        // The first one that waits may be told to fetch: the others see that, in the order of their coming.
        let parked = clients.values.filter { $0.isParked && !$0.hasOutput }.sorted {
            $0.lastHeard < $1.lastHeard
        }
        for client in parked {
            guard !isEnding else { return }
            if !resume(client) { drop(client) }
        }
    }

    private static let wakeMilliseconds: Int64 = 1000

    /// - Returns: whether the connection goes on.
    private func resume(_ client: Client) -> Bool {
        defer {
            request.truncate(to: 0)
            answer.truncate(to: 0)
        }
        do {
            let waiting = client.waiting
            try client.unpark(into: &request)
            guard try answerFrame(0..<request.count, of: client, waiting: waiting) else { return false }
            return !client.isEnding || client.hasOutput
        } catch { return false }
    }

    private func dropLate(_ now: Int64) {
        for client in clients.values {
            if let deadline = client.deadline, now >= deadline { drop(client) }
        }
        while clients.values.reduce(0, { $0 + $1.held }) > Self.heldLimit {
            guard let oldest = clients.values.filter({ $0.held > 0 }).min(by: { $0.lastHeard < $1.lastHeard })
            else { return }
            drop(oldest)
        }
    }

    // MARK: requests

    /// - Returns: whether the connection goes on.
    private func receive(from client: Client) -> Bool {
        defer {
            request.truncate(to: 0)
            answer.truncate(to: 0)
        }
        do {
            try client.takeInput(into: &request)
            var arrival = Descriptor.Arrival.nothing
            let descriptor = client.descriptor
            _ = try unsafe request.fill(room: request.limit - request.count) { room in
                // A full buffer holds a whole request, and reading into no room would look like an end.
                guard unsafe !room.isEmpty else { return 0 }
                unsafe arrival = Descriptor.receive(descriptor, into: room)
                if case .bytes(let count) = arrival { return count }
                return 0
            }
            guard arrival != .end || client.isReady else { return false }
            client.lastHeard = Descriptor.milliseconds()
            return try answerRequests(of: client)
        } catch {
            // Secret memory could not be had: this client goes, and the others stay.
            return false
        }
    }

    private func answerRequests(of client: Client) throws -> Bool {
        var position = 0
        var turns = 0
        client.isReady = false
        while position < request.count, !client.hasOutput, !client.isParked, !isEnding {
            let start = position
            let head = unsafe request.withUnsafeBytes {
                unsafe FrameHead(UnsafeRawBufferPointer(rebasing: $0[start...]))
            }
            guard head != .malformed else { return false }
            guard case .size(let size) = head, size <= request.count - start else { break }
            // Many requests at once are served in turn with those of the others.
            guard turns < Self.turnLimit else {
                client.isReady = true
                break
            }
            turns += 1
            guard try answerFrame(start..<(start + size), of: client) else { return false }
            position += size
        }
        let start = position
        let rest = request.count - start
        try unsafe request.withUnsafeBytes { bytes in
            try unsafe client.keep(UnsafeRawBufferPointer(rebasing: bytes[start...]))
        }
        // What waits behind an answer that is not taken yet may be a whole request.
        client.isReady = client.isReady || rest > 0 && (client.hasOutput || client.isParked)
        let isBegun = rest > 0 && !client.isReady
        client.deadline = isBegun ? client.deadline ?? client.lastHeard + Client.patience : nil
        if !client.hasAsked, client.deadline == nil, !isBegun, position == 0 {
            client.deadline = client.lastHeard + Client.patience
        }
        return !client.isEnding || client.hasOutput
    }

    private func answerFrame(
        _ range: Range<Int>, of client: Client, waiting: Waiting? = nil
    ) throws -> Bool {
        answer.truncate(to: 0)
        client.hasAsked = true
        client.deadline = nil
        let mayBegin =
            client.changes != nil || clients.values.count { $0.changes != nil } < Self.changesLimit
        let outcome = try unsafe request.withUnsafeBytes { bytes in
            try unsafe state.handle(
                UnsafeRawBufferPointer(rebasing: bytes[range]), changes: &client.changes,
                mayBegin: mayBegin,
                caller: Caller(connection: Int(client.descriptor), waiting: waiting),
                now: Descriptor.now(), answer: &answer)
        }
        if state.takeChange() { mustWake = true }
        switch outcome {
        case .malformed: return false
        case .answered: return try client.send(answer, followedBy: [])
        case .parked(let parked):
            try unsafe request.withUnsafeBytes { bytes in
                try unsafe client.park(UnsafeRawBufferPointer(rebasing: bytes[range]), parked)
            }
            guard waiting == nil else { return true }
            answer.truncate(to: 0)
            try answer.endFrame(answer.beginFrame(AgentMessage.Answer.waiting))
            return try client.send(answer, followedBy: [])
        case .image(let bytes): return try client.send(answer, followedBy: try Self.parts(of: bytes))
        case .stop:
            client.isEnding = true
            isEnding = true
            return try client.send(answer, followedBy: [])
        }
    }

    /// The frames that carry an image.
    static func parts(of image: [UInt8]) throws -> [UInt8] {
        var frames: [UInt8] = []
        frames.reserveCapacity(image.count + (image.count / AgentMessage.partLimit + 1) * 10)
        var position = 0
        while position < image.count {
            let end = min(position + AgentMessage.partLimit, image.count)
            let count = end - position
            frames += UInt32(count + 6).bytes
            frames += [AgentMessage.version, AgentMessage.Answer.part.rawValue]
            frames += UInt32(count).bytes
            frames += image[position..<end]
            position = end
        }
        return frames
    }
}

extension UInt32 {
    /// Little-endian.
    fileprivate var bytes: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: self >> ($0 * 8)) } }
}
