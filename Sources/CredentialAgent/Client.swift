import AgentProtocol
import CredentialVault
import Platform
import SecureMemory

/// One connection: what has arrived of its request, and what is not sent of its answer.
///
/// Times are milliseconds of the monotonic clock.
final class Client {
    let descriptor: Int32
    /// The process that made the connection; it may have handed it on since.
    let process: Int32
    /// Tells which of two came first: times are too coarse for that.
    let number: Int
    /// Whether it has sent a whole request.
    var hasAsked = false
    /// When the request began of which a part has come; nil when none has.
    var begunAt: Int64?
    /// When it was heard of last.
    var lastHeard: Int64
    var changes: PendingChanges?
    /// Since when it changes the vault, and when it went on with that last.
    private var changesSince: Int64?
    private var changesContinued: Int64 = 0
    /// Whether a whole request waits in what was kept, for its turn.
    var isReady = false
    /// Whether it ends once the answer is sent.
    var isEnding = false
    /// The request that waits for what another client fetches, and since when.
    private(set) var parked: SecretBuffer?
    private(set) var waiting: Waiting?

    /// The beginning of a request, when less than a whole one came.
    private(set) var input: SecretBuffer?
    /// The rest of an answer.
    private(set) var output: SecretBuffer?
    private var sent = 0
    /// What follows it, which is no secret.
    private(set) var image: [UInt8] = []
    private var imageSent = 0
    /// Since when an answer waits to be taken, and when something of it was taken last.
    private var outputSince: Int64?
    private var outputTaken: Int64 = 0

    init(_ descriptor: Int32, process: Int32, number: Int, now: Int64) {
        self.descriptor = descriptor
        self.process = process
        self.number = number
        lastHeard = now
    }

    private static let timeout = Int64(Timeouts.request)
    private static let totalTimeout = Int64(Timeouts.wholeRequest)

    /// When the connection is given up; nil for one that may be silent.
    var deadline: Int64? {
        if let outputSince {
            return min(outputTaken + Self.timeout, outputSince + Self.totalTimeout)
        }
        // Those that wait for AWS have a limit of their own.
        if isParked { return nil }
        if let begunAt { return begunAt + Self.timeout }
        if changes != nil, let changesSince {
            return min(changesContinued + Self.timeout, changesSince + Self.totalTimeout)
        }
        return hasAsked ? nil : lastHeard + Self.timeout
    }

    /// Notes what a request has made of the changes: only those that go on with them put their end off.
    ///
    /// - Parameter isChange: whether it was one.
    func noteChanges(isChange: Bool, _ now: Int64) {
        guard changes != nil else { return changesSince = nil }
        if changesSince == nil || isChange { changesContinued = now }
        if changesSince == nil { changesSince = now }
    }

    /// How long it has been changing the vault; 0 when it is not.
    func changing(_ now: Int64) -> Int64 { changesSince.map { now - $0 } ?? 0 }

    var hasOutput: Bool { output != nil || imageSent < image.count }
    /// The bytes of memory that this connection holds.
    var held: Int { heldLocked + image.count + (changes?.size ?? 0) }
    /// The bytes of locked memory among them.
    var heldLocked: Int {
        (input?.lockedCount ?? 0) + (parked?.lockedCount ?? 0) + (output?.lockedCount ?? 0)
            + (changes?.changes.lockedCount ?? 0)
    }

    var isParked: Bool { waiting != nil }

    /// Whether it holds anything of the time before a lock.
    var isHolding: Bool { hasOutput || isParked || input != nil || changes != nil }

    /// Forgets the request that waits, without an answer to it.
    func discardParked() {
        waiting = nil
        parked = nil
    }

    /// Keeps a whole request that is to be handled again.
    func park(_ bytes: RawSpan, _ waiting: Waiting) throws {
        var buffer = try SecretBuffer(capacity: bytes.byteCount, limit: bytes.byteCount)
        _ = try buffer.append(bytes)
        parked = consume buffer
        self.waiting = waiting
    }

    /// Copies that request to where requests are handled, behind what is there.
    func copyParked(into buffer: inout SecretBuffer) throws {
        switch parked {
        case .some(let kept): _ = try buffer.append(kept.bytes)
        case .none: return
        }
    }

    /// Lets the request that was parked wait on.
    func parkAgain(_ waiting: Waiting) { self.waiting = waiting }

    /// Keeps the beginning of a request.
    func keep(_ bytes: RawSpan) throws {
        input = nil
        guard !bytes.isEmpty else { return }
        var buffer = try SecretBuffer(capacity: bytes.byteCount, limit: bytes.byteCount)
        _ = try buffer.append(bytes)
        input = consume buffer
    }

    /// Moves the beginning of the request to where the rest of it is read.
    func takeInput(into buffer: inout SecretBuffer) throws {
        let kept = input.take()
        switch consume kept {
        case .some(let kept): _ = try buffer.append(kept.bytes)
        case .none: return
        }
    }

    /// Sends an answer; what the connection does not take now is kept.
    ///
    /// - Returns: false when the connection is of no more use.
    func send(_ answer: borrowing SecretBuffer, followedBy image: [UInt8]) throws -> Bool {
        guard let count = write(answer.bytes) else { return false }
        self.image = image
        imageSent = 0
        defer { noteOutput(hasSent: true) }
        if count < answer.count {
            let rest = answer.bytes.extracting(droppingFirst: count)
            var buffer = try SecretBuffer(capacity: rest.byteCount, limit: rest.byteCount)
            _ = try buffer.append(rest)
            output = consume buffer
            sent = 0
            return true
        }
        return sendRest()
    }

    private func noteOutput(hasSent: Bool) {
        guard hasOutput else { return outputSince = nil }
        let now = MonotonicClock.milliseconds()
        if outputSince == nil { outputSince = now }
        if hasSent { outputTaken = now }
    }

    /// Sends what is left.
    func sendRest() -> Bool {
        let before = sent + imageSent
        defer { noteOutput(hasSent: sent + imageSent != before) }
        switch output.take() {
        case .some(let rest):
            let start = sent
            guard let written = rest.withBytes({ write($0.extracting(droppingFirst: start)) }) else {
                return false
            }
            sent += written
            guard sent == rest.count else {
                output = consume rest
                return true
            }
        case .none: break
        }
        while imageSent < image.count {
            guard let written = write(image.rawSpan.extracting(droppingFirst: imageSent)) else {
                return false
            }
            if written == 0 { return true }
            imageSent += written
        }
        image = []
        imageSent = 0
        return true
    }

    /// - Returns: how many bytes were taken; nil when the connection is gone.
    private func write(_ bytes: RawSpan) -> Int? {
        Descriptor.send(descriptor, bytes)
    }
}
