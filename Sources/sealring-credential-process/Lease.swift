import AgentProtocol
import Platform
import SecureMemory

/// A request to AWS that the agent has signed, and that this program is to have carried.
struct Lease {
    private let id: InlineArray<16, UInt8>
    /// Where in the answer the request lies.
    private let request: Range<Int>

    /// Nil when the answer is no lease.
    init?(_ bytes: RawSpan) {
        guard var frame = FrameReader(bytes), frame.kind == AgentMessage.Answer.lease.rawValue,
            let id = frame.next(), id.byteCount == AgentMessage.leaseCount,
            let request = frame.nextRange(), frame.isAtEnd
        else { return nil }
        var copy = InlineArray<16, UInt8>(repeating: 0)
        for place in 0..<id.byteCount { copy[place] = id.byte(at: place) }
        self.id = copy
        self.request = request
    }

    /// Has the request carried, and puts what came of it into the buffer, for the agent.
    ///
    /// - Parameter end: when it must be done, in milliseconds of ``MonotonicClock``.
    /// - Returns: why nothing came of it.
    func fetch(_ buffer: inout SecretBuffer, until end: Int64) -> Refusal? {
        do throws(ExchangeError) {
            let left = min(end - MonotonicClock.milliseconds(), Int64(Timeouts.lease))
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
        do throws(SecureMemoryError) {
            var frame = try SecretBuffer(capacity: 8 << 10, limit: AgentMessage.frameLimit + 4)
            if try frame.append(buffer.bytes.extracting(request)) { return frame }
        } catch { throw .memory(error) }
        throw .noReply
    }

    private func deliver(
        _ reply: borrowing SecretBuffer, into buffer: inout SecretBuffer
    ) throws(ExchangeError) {
        do throws(AgentError) {
            try DeliverRequest(id: unsafe id.span.bytes, reply: reply.bytes).write(to: &buffer)
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
        case .notStarted(let error): self.init(cannotStart: "sealring-aws", error)
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
