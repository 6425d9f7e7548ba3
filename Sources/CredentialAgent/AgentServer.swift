import AgentProtocol
package import CredentialVault
import DurableFiles
import Platform
import SecureMemory

/// Serves the clients of one user, in one thread that waits in `poll`.
///
/// Any of them may be hostile, and must not keep the others from their answers, and nobody from the lock: what a
/// connection holds is bounded in bytes and in time, room is made by the process that takes most of it, and the
/// agent's time is shared between processes.
package final class AgentServer {
    /// The most connections at once. Beyond, one of them makes room.
    static let connectionLimit = 512
    /// The most bytes of requests, answers and changes that are kept besides those that are worked on.
    static let heldLimit = 10 << 20
    /// The most connections that are accepted before those that are there have their turn.
    static let acceptLimit = 64
    /// The most requests of one connection that are served before the others have their turn.
    static let turnLimit = 1
    /// The most commands whose changes are kept at once.
    static let changesLimit = 4
    /// Microseconds of work before it is looked who else has come.
    static let roundLimit: Int64 = 10_000
    /// Milliseconds between two looks at those that wait for AWS.
    static let wakeInterval: Int64 = 1000

    let state: AgentState
    let listener: Int32
    private let timer: FileHandle
    private var timerDeadline: Int64 = 0
    private let signals: FileHandle
    private let watch: Int32?
    private let isListening: () -> Bool
    private let isRegistered: () -> Bool
    /// When the registration was looked at last.
    private var lastLook: Int64 = 0
    var clients: [Int32: Client] = [:]
    var turns = Turns()
    /// How many connections there have been.
    var connectionCount = 0
    /// The number of the client that was woken last, in a round that had no time for all.
    var wokenLast = 0
    /// The most bytes of locked memory that clients may hold, which leaves most of it for the work.
    let heldLockedLimit: Int
    /// Where requests are read, and answers are written: the rest is kept only when there is one.
    var request: SecretBuffer
    var answer: SecretBuffer
    private var waiting: [pollfd] = []
    /// When connections are accepted again, after there were no descriptors left.
    var pausedUntil: Int64?
    var isEnding = false
    /// When those were looked at last that wait for what others fetch; and whether something has changed.
    var lastWake: Int64 = 0
    var mustWake = false
    /// The locks that all clients have been told of.
    var seenLocks = 0

    /// - Parameters:
    ///   - socket: where clients come from.
    ///   - isRegistered: whether other clients still find the agent.
    ///   - restrict: gives up the calls that are not needed from now on, and tells all protections.
    package init(
        _ location: VaultLocation, _ socket: borrowing AgentSocket,
        isRegistered: @escaping () -> Bool = { true },
        restrict: () -> [(name: String, state: String)]
    ) throws {
        listener = socket.descriptor
        watch = socket.watch
        isListening = socket.isInPlace
        self.isRegistered = isRegistered
        timer = FileHandle(adopting: platform_lock_timer(), path: "timerfd")
        signals = FileHandle(adopting: platform_lock_signals(), path: "signalfd")
        // They grow to the largest frame, where so much memory can be locked.
        request = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit + 4)
        answer = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit + 4)
        guard timer.descriptor >= 0, signals.descriptor >= 0 else {
            throw FileError.system(call: "timerfd", path: "the agent", code: errno)
        }
        let lockable = platform_locked_memory_limit()
        heldLockedLimit =
            lockable < 0 ? Self.heldLimit : min(Self.heldLimit, max(16 << 10, Int(clamping: lockable / 4)))
        // The name of the machine is not to be had any more afterwards.
        let sessionName = SessionName.ofThisUser()
        state = AgentState(
            location, processID: getpid(), protections: restrict(), sessionName: sessionName)
        // One command leaves room for the others.
        state.changesLockedLimit = heldLockedLimit / 2
        // It is not to be had any more either.
        state.lockableLimit = lockable < 0 ? nil : Int(clamping: lockable)
    }

    /// Serves until it is told to stop, by a request, by SIGTERM, or by the loss of its socket. The vault is
    /// locked then.
    package func run() {
        while !isEnding {
            let now = MonotonicClock.milliseconds()
            collect(now)
            let count = unsafe waiting.withUnsafeMutableBufferPointer { waiting in
                unsafe poll(waiting.baseAddress, nfds_t(waiting.count), timeout(now))
            }
            guard count >= 0 || errno == EINTR else { break }
            state.lockIfDue(Descriptor.now())
            forgetLocked()
            lookAtRegistration(MonotonicClock.milliseconds())
            if count >= 0, !isEnding { handle() }
            wake(MonotonicClock.milliseconds())
            dropLate(MonotonicClock.milliseconds())
            setTimer()
        }
        state.lock()
        forgetLocked()
    }

    /// Ends when the registration was removed, at most a second before anything is handed out.
    private func lookAtRegistration(_ now: Int64) {
        guard now - lastLook >= Self.wakeInterval else { return }
        lastLook = now
        if !isRegistered() { isEnding = true }
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
        waiting.append(pollfd(fd: watch ?? -1, events: Int16(POLLIN), revents: 0))
        for client in clients.values {
            // One request after the other: the next one waits until the answer is taken.
            let events = client.hasOutput ? POLLOUT : client.isParked ? 0 : POLLIN
            waiting.append(pollfd(fd: client.descriptor, events: Int16(events), revents: 0))
        }
    }

    private static let firstClient = 4

    /// How long `poll` may wait, in milliseconds; without an end when no client is late.
    private func timeout(_ now: Int64) -> Int32 {
        if clients.values.contains(where: { $0.isReady && !$0.hasOutput && !$0.isParked }) { return 0 }
        var next = pausedUntil
        if clients.values.contains(where: \.isParked) {
            next = min(next ?? .max, mustWake ? now : lastWake + Self.wakeInterval)
        }
        for case let deadline? in clients.values.lazy.map(\.deadline) where deadline < next ?? .max {
            next = deadline
        }
        return next.map { Int32(min(max($0 - now, 0), 60_000)) } ?? -1
    }

    private func handle() {
        if waiting[0].revents != 0 { takeSignals() }
        if waiting[1].revents != 0 { platform_drain(timer.descriptor) }
        if waiting[3].revents != 0, let watch {
            platform_drain_watch(watch)
            // Nobody could reach this agent any more: it is of no use, and must not stay unlocked.
            if !isListening() { isEnding = true }
        }
        // Whoever has just come may want the lock.
        if waiting[2].revents != 0, !isEnding { accept() }
        let begin = MonotonicClock.microseconds()
        for descriptor in ready(begin) {
            guard !isEnding, let client = clients[descriptor] else { continue }
            let isFine = client.hasOutput ? client.sendRest() : receive(from: client)
            if !isFine || client.isEnding && !client.hasOutput { drop(client) }
            // The others keep their place: those that have had least come first.
            if MonotonicClock.microseconds() - begin > Self.roundLimit { return }
        }
    }

    /// The connections that something can be done for, those first whose processes have taken least time.
    private func ready(_ now: Int64) -> [Int32] {
        var found: [(debt: Int64, lastHeard: Int64, number: Int, descriptor: Int32)] = []
        for place in waiting[Self.firstClient...] {
            guard let client = clients[place.fd] else { continue }
            if client.isParked, !client.hasOutput {
                // Nothing is read of it meanwhile: it is gone.
                if place.revents != 0 { drop(client) }
                continue
            }
            guard place.revents != 0 || client.isReady && !client.hasOutput else { continue }
            found.append(
                (turns.debt(client.process, now), client.lastHeard, client.number, client.descriptor))
        }
        if found.count > 1 {
            found.sort { ($0.debt, $0.lastHeard, $0.number) < ($1.debt, $1.lastHeard, $1.number) }
        }
        return found.map(\.descriptor)
    }

    private func takeSignals() {
        while true {
            let signal = platform_next_signal(signals.descriptor)
            if signal == 0 { return }
            state.lock()
            forgetLocked()
            if signal == SIGTERM || signal == SIGINT { isEnding = true }
        }
    }
}
