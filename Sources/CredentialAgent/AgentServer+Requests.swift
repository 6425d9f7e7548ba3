import AgentProtocol
import Platform
import SecureMemory

/// What comes from the connections, and what goes back.
extension AgentServer {
    /// Looks again at the requests that wait, when something has changed and once a second.
    func wake(_ now: Int64) {
        guard mustWake || now - lastWake >= Self.wakeInterval else { return }
        mustWake = false
        // The first one that waits may be told to fetch: the others see that, in the order of their coming.
        let parked = clients.values.filter { $0.isParked && !$0.hasOutput }.sorted { $0.number < $1.number }
        let begin = MonotonicClock.microseconds()
        for client in parked where client.number > wokenLast {
            guard !isEnding else { return }
            wokenLast = client.number
            if !resume(client) { drop(client) }
            if MonotonicClock.microseconds() - begin > Self.roundLimit {
                // The others have their turn once those that ask for something else had theirs.
                mustWake = true
                return
            }
        }
        wokenLast = 0
        lastWake = now
    }

    /// Does something for a client, which is charged to its process; what it leaves in the buffers is wiped.
    ///
    /// - Returns: whether the connection goes on.
    private func work(for client: Client, _ body: () throws -> Bool) -> Bool {
        let begin = MonotonicClock.microseconds()
        defer {
            request.truncate(to: 0)
            answer.truncate(to: 0)
            let end = MonotonicClock.microseconds()
            turns.charge(client.process, end - begin, end)
        }
        // Without secret memory this client goes, and the others stay.
        do { return try body() } catch { return false }
    }

    /// - Returns: whether the connection goes on.
    private func resume(_ client: Client) -> Bool {
        work(for: client) {
            let waiting = client.waiting
            try client.copyParked(into: &request)
            guard try answerFrame(0..<request.count, of: client, waiting: waiting) else { return false }
            return !client.isEnding || client.hasOutput
        }
    }

    /// - Returns: whether the connection goes on.
    func receive(from client: Client) -> Bool {
        work(for: client) {
            try client.takeInput(into: &request)
            // A full buffer holds a whole request, and reading into no room would look like an end.
            let arrival =
                request.count < request.limit
                ? try Descriptor.receive(client.descriptor, into: &request, room: roomForRequest()) : .nothing
            guard arrival != .end || client.isReady else { return false }
            client.lastHeard = MonotonicClock.milliseconds()
            return try answerRequests(of: client)
        }
    }

    /// As many bytes as the request that has begun still needs, or what there is room for without growing.
    private func roomForRequest() -> Int {
        let free = max(request.capacity - request.count, 0)
        let head = FrameHead(request.bytes)
        guard case .size(let size) = head, size > request.count else {
            return free > 0 ? free : min(request.limit - request.count, request.capacity)
        }
        return max(size - request.count, free)
    }

    private func answerRequests(of client: Client) throws -> Bool {
        var position = 0
        var served = 0
        client.isReady = false
        while position < request.count, !client.hasOutput, !client.isParked, !isEnding {
            let start = position
            let head = FrameHead(request.bytes.extracting(droppingFirst: start))
            guard head != .malformed else { return false }
            guard case .size(let size) = head, size <= request.count - start else { break }
            // Many requests at once are served in turn with those of the others.
            guard served < Self.turnLimit else {
                client.isReady = true
                break
            }
            served += 1
            guard try answerFrame(start..<(start + size), of: client) else { return false }
            position += size
        }
        let start = position
        let rest = request.count - start
        try request.withBytes { try client.keep($0.extracting(droppingFirst: start)) }
        // What waits behind an answer that is not taken yet may be a whole request.
        client.isReady = client.isReady || rest > 0 && (client.hasOutput || client.isParked)
        client.begunAt = rest > 0 && !client.isReady ? client.begunAt ?? client.lastHeard : nil
        return !client.isEnding || client.hasOutput
    }

    private func answerFrame(
        _ range: Range<Int>, of client: Client, waiting: Waiting? = nil
    ) throws -> Bool {
        answer.truncate(to: 0)
        client.hasAsked = true
        client.begunAt = nil
        let outcome = try request.withBytes { bytes in
            try state.handle(
                bytes.extracting(range), changes: &client.changes,
                mayBegin: { [unowned self] in self.mayBegin(client) },
                caller: Caller(connection: Int(client.descriptor), waiting: waiting),
                now: Descriptor.now(), answer: &answer)
        }
        let kind = request.bytes.byte(at: range.lowerBound + AgentMessage.headCount - 1)
        client.noteChanges(
            isChange: kind == AgentMessage.Request.change.rawValue, MonotonicClock.milliseconds())
        if state.takeChange() { mustWake = true }
        if case .parked(let parked) = outcome, waiting != nil {
            client.parkAgain(parked)
            return true
        }
        client.discardParked()
        // Before the answer says so.
        forgetLocked(client)
        switch outcome {
        case .malformed: return false
        case .answered: return try client.send(answer, followedBy: [])
        case .parked(let parked):
            try request.withBytes { try client.park($0.extracting(range), parked) }
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
