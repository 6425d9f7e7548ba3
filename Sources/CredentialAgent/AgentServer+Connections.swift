import AgentProtocol
import Platform
import ProgramSupport
import SecureMemory

/// Who is connected, and who has to go.
extension AgentServer {
    func accept() {
        var newcomers: [Client] = []
        let begin = MonotonicClock.microseconds()
        for _ in 0..<Self.acceptLimit where MonotonicClock.microseconds() - begin < Self.roundLimit {
            let descriptor = platform_accept(listener)
            guard descriptor >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                if errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS {
                    // Without descriptors `poll` would report the same connection again at once.
                    if !makeRoom() { pausedUntil = MonotonicClock.milliseconds() + 50 }
                }
                break
            }
            var peer = uid_t.max
            guard unsafe platform_peer_user(descriptor, &peer) == 0, peer == geteuid() else {
                close(descriptor)
                continue
            }
            let hasRoom = clients.count < Self.connectionLimit || makeRoom()
            connectionCount += 1
            let client = Client(
                descriptor, process: platform_peer_process(descriptor), number: connectionCount,
                now: MonotonicClock.milliseconds())
            clients[descriptor] = client
            // A lock request is always accepted; other clients that find no room must reconnect.
            if Self.asksForLock(descriptor) {
                serve(client)
                if !hasRoom, clients[descriptor] === client, !client.hasOutput { drop(client) }
                if isEnding { return }
            } else if hasRoom {
                newcomers.append(client)
            } else {
                drop(client)
            }
        }
        // Most have sent their request already: one that comes alone is served without another look. Of many at
        // once those have their turn first whose processes have taken least.
        guard newcomers.count == 1, let client = newcomers.first, clients[client.descriptor] === client,
            turns.debt(client.process, MonotonicClock.microseconds()) <= Turns.burst
        else { return }
        serve(client)
    }

    private func serve(_ client: Client) { if !receive(from: client) { drop(client) } }

    /// Whether what has arrived begins with a request that locks; nothing is taken of it.
    private static func asksForLock(_ descriptor: Int32) -> Bool {
        let kind = Descriptor.peek(descriptor, at: AgentMessage.headCount - 1)
        return kind == AgentMessage.Request.lock.rawValue || kind == AgentMessage.Request.stop.rawValue
    }

    /// Drops the connection that is missed least.
    private func makeRoom() -> Bool {
        let occupants = clients.values.map { client in
            Displacement.Occupant(
                descriptor: client.descriptor, process: client.process, lastHeard: client.lastHeard,
                number: client.number, hasAsked: client.hasAsked, isWaiting: client.isParked,
                holdsLease: state.holdsLease(Int(client.descriptor), Descriptor.now()))
        }
        guard let victim = Displacement.victim(of: occupants), let client = clients[victim] else {
            return false
        }
        drop(client)
        return true
    }

    func drop(_ client: Client) {
        close(client.descriptor)
        clients[client.descriptor] = nil
        if state.disconnected(Int(client.descriptor)) { mustWake = true }
    }

    func dropLate(_ now: Int64) {
        for client in clients.values {
            if let deadline = client.deadline, now >= deadline { drop(client) }
        }
        bound(Self.heldLimit) { $0.held }
        // Memory that need not be locked is not bounded by what can be locked.
        if !state.allowsUnlockedMemory { bound(heldLockedLimit) { $0.heldLocked } }
    }

    /// Drops connections until the others hold no more than the limit: the largest of the process that holds most.
    private func bound(_ limit: Int, _ held: (Client) -> Int) {
        while clients.values.reduce(0, { $0 + held($1) }) > limit {
            var total: [Int32: Int] = [:]
            for client in clients.values { total[client.process, default: 0] += held(client) }
            guard let process = total.max(by: { $0.value < $1.value })?.key,
                let largest = clients.values.filter({ $0.process == process })
                    .max(by: { held($0) < held($1) })
            else { return }
            drop(largest)
        }
    }

    /// Whether another command's changes may be kept: if need be, in place of those of a process that has more
    /// than one command at work.
    func mayBegin(_ client: Client) -> Bool {
        // The changes of the one that asks are in use while this is asked.
        let changing = clients.values.filter { $0 !== client && $0.changes != nil }
        guard changing.count >= Self.changesLimit else { return true }
        var counts: [Int32: Int] = [:]
        for other in changing { counts[other.process, default: 0] += 1 }
        guard let most = counts.max(by: { $0.value < $1.value }), most.key != client.process else {
            return false
        }
        let now = MonotonicClock.milliseconds()
        // Where each has one, those that have been at it for long make room.
        let candidates = changing.filter {
            most.value > 1 ? $0.process == most.key : $0.changing(now) > Int64(Timeouts.changes)
        }
        guard let oldest = candidates.min(by: { $0.number < $1.number }) else { return false }
        drop(oldest)
        return true
    }

    // MARK: locks

    /// Ends what was begun before a lock: no request, answer or change of that time is left afterwards, neither
    /// in memory nor to be gone on with.
    ///
    /// - Parameter asking: who has asked for the lock, whose answer is on its way.
    func forgetLocked(_ asking: Client? = nil) {
        guard state.lockCount != seenLocks else { return }
        seenLocks = state.lockCount
        for client in clients.values where client.isHolding {
            if client === asking {
                client.changes = nil
            } else if client.isParked, !client.hasOutput {
                client.discardParked()
                tellLocked(client)
            } else {
                drop(client)
            }
        }
    }

    private func tellLocked(_ client: Client) {
        client.isEnding = true
        do {
            var answer = try SecretBuffer(capacity: 1000, limit: AgentMessage.frameLimit)
            try answer.appendError(Failure(AgentReason.locked))
            guard try client.send(answer, followedBy: []), client.hasOutput else { return drop(client) }
        } catch { drop(client) }
    }
}
