import AgentProtocol
import Platform
import SecureMemory

/// A request to AWS that the agent has signed, and that this program is to have carried.
struct Lease {
    private let id: InlineArray<16, UInt8>
    /// Where in the answer the request lies.
    private let request: Range<Int>

    private static var milliseconds: Int64 { 10_000 }

    /// Nil when the answer is no lease.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard var frame = unsafe FrameReader(bytes), unsafe frame.kind == AgentMessage.Answer.lease.rawValue,
            let id = unsafe frame.next(), id.count == AgentMessage.leaseCount,
            let request = unsafe frame.next(), unsafe frame.isAtEnd
        else { return nil }
        var copy = InlineArray<16, UInt8>(repeating: 0)
        for place in 0..<id.count { copy[place] = unsafe id[place] }
        self.id = copy
        let start = bytes.count - request.count
        self.request = start..<bytes.count
    }

    /// Has the request carried, and puts what came of it into the buffer, for the agent.
    ///
    /// - Parameter end: when it must be done, in milliseconds of ``MonotonicClock``.
    /// - Returns: why nothing came of it.
    func fetch(_ buffer: inout SecretBuffer, until end: Int64) -> Refusal? {
        do throws(ExchangeError) {
            let left = min(end - MonotonicClock.milliseconds(), Self.milliseconds)
            guard left > 0 else { throw .timeout }
            var frame = try copy(of: buffer)
            try ExchangeProgram.run(&frame, milliseconds: Int32(left), watchingOutput: true)
            buffer.truncate(to: 0)
            try deliver(frame, into: &buffer)
            return nil
        } catch {
            if error == .abandoned { _exit(Refusal.inputOutput) }
            return Refusal(error)
        }
    }

    private func copy(of buffer: borrowing SecretBuffer) throws(ExchangeError) -> SecretBuffer {
        let range = request
        do throws(SecureMemoryError) {
            var frame = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit + 4)
            let isWhole = try unsafe buffer.withUnsafeBytes { (bytes) throws(SecureMemoryError) in
                try unsafe frame.append(UnsafeRawBufferPointer(rebasing: bytes[range]))
            }
            if isWhole { return frame }
        } catch { throw .memory(error) }
        throw .noReply
    }

    private func deliver(
        _ reply: borrowing SecretBuffer, into buffer: inout SecretBuffer
    ) throws(ExchangeError) {
        do throws(AgentError) {
            let start = try buffer.beginFrame(AgentMessage.Request.deliver)
            try unsafe id.span.bytes.withUnsafeBytes { (id) throws(AgentError) in
                try unsafe buffer.appendField(id)
            }
            try unsafe reply.withUnsafeBytes { (bytes) throws(AgentError) in
                try unsafe buffer.appendField(bytes)
            }
            try buffer.endFrame(start)
        } catch {
            switch error {
            case .memory(let error): throw .memory(error)
            default: throw .noReply
            }
        }
    }
}

extension Refusal {
    init(_ error: ExchangeError) {
        switch error {
        case .missing: self.init(cannotStart: "sealring-aws", code: ENOENT)
        case .untrusted: self.init(untrusted: "sealring-aws")
        case .cannotStart(let code): self.init(cannotStart: "sealring-aws", code: code)
        case .noReply, .abandoned:
            self.init(code: 69, "the program sealring-aws gave no reply", "try again")
        case .timeout:
            self.init(code: 69, "AWS did not answer in time", "check the network, and try again")
        case .memory:
            self.init(
                code: 71, "the memory for a request cannot be locked", "raise the limit with 'ulimit -l'")
        }
    }
}
