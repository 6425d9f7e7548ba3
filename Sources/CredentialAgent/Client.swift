import SecureMemory

/// One connection: what has arrived of its request, and what is not sent of its answer.
final class Client {
    let descriptor: Int32
    /// Whether it has sent a whole request.
    var hasAsked = false
    /// When the request that has begun must be whole, in milliseconds of the monotonic clock; nil when none
    /// has.
    var deadline: Int64?
    /// When it was heard of last.
    var lastHeard: Int64
    var changes: PendingChanges?
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

    init(_ descriptor: Int32, now: Int64) {
        self.descriptor = descriptor
        lastHeard = now
        deadline = now + Self.patience
    }

    /// Milliseconds that a request may take to arrive.
    static let patience: Int64 = 5000

    var hasOutput: Bool { output != nil || imageSent < image.count }
    /// The bytes of memory that this connection holds.
    var held: Int { (input?.count ?? 0) + (parked?.count ?? 0) + (output?.count ?? 0) + image.count }

    var isParked: Bool { waiting != nil }

    /// Keeps a whole request that is to be handled again.
    func park(_ bytes: UnsafeRawBufferPointer, _ waiting: Waiting) throws {
        var buffer = try SecretBuffer(capacity: bytes.count, limit: bytes.count)
        _ = try unsafe buffer.append(bytes)
        parked = consume buffer
        self.waiting = waiting
    }

    /// Moves that request to where requests are handled, behind what is there.
    func unpark(into buffer: inout SecretBuffer) throws {
        waiting = nil
        let kept = parked.take()
        switch consume kept {
        case .some(let kept): _ = try unsafe kept.withUnsafeBytes { try unsafe buffer.append($0) }
        case .none: return
        }
    }

    /// Keeps the beginning of a request.
    func keep(_ bytes: UnsafeRawBufferPointer) throws {
        input = nil
        guard unsafe !bytes.isEmpty else { return }
        var buffer = try SecretBuffer(capacity: bytes.count, limit: bytes.count)
        _ = try unsafe buffer.append(bytes)
        input = consume buffer
    }

    /// Moves the beginning of the request to where the rest of it is read.
    func takeInput(into buffer: inout SecretBuffer) throws {
        let kept = input.take()
        switch consume kept {
        case .some(let kept): _ = try unsafe kept.withUnsafeBytes { try unsafe buffer.append($0) }
        case .none: return
        }
    }

    /// Sends an answer; what the connection does not take now is kept.
    ///
    /// - Returns: false when the connection is of no more use.
    func send(_ answer: borrowing SecretBuffer, followedBy image: [UInt8]) throws -> Bool {
        let count = unsafe answer.withUnsafeBytes { unsafe write($0) }
        guard let count else { return false }
        self.image = image
        imageSent = 0
        if count < answer.count {
            output = try unsafe answer.withUnsafeBytes { bytes in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[count...])
                var buffer = try SecretBuffer(capacity: rest.count, limit: rest.count)
                _ = try unsafe buffer.append(rest)
                return buffer
            }
            sent = 0
            return true
        }
        return sendRest()
    }

    /// Sends what is left.
    func sendRest() -> Bool {
        switch output.take() {
        case .some(let rest):
            let start = sent
            let written = unsafe rest.withUnsafeBytes { bytes in
                unsafe write(UnsafeRawBufferPointer(rebasing: bytes[start...]))
            }
            guard let written else { return false }
            sent += written
            guard sent == rest.count else {
                output = consume rest
                return true
            }
        case .none: break
        }
        while imageSent < image.count {
            let start = imageSent
            let written = unsafe image.withUnsafeBytes { bytes in
                unsafe write(UnsafeRawBufferPointer(rebasing: bytes[start...]))
            }
            guard let written else { return false }
            if written == 0 { return true }
            imageSent += written
        }
        image = []
        imageSent = 0
        return true
    }

    /// - Returns: how many bytes were taken; nil when the connection is gone.
    private func write(_ bytes: UnsafeRawBufferPointer) -> Int? {
        unsafe Descriptor.send(descriptor, bytes)
    }
}
