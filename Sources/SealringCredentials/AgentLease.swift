import AgentProtocol
import Platform
import SecureMemory

/// A request to AWS that the agent has signed, and that this process has carried.
struct AgentLease {
    private let id: [UInt8]
    /// Where in the answer the request lies.
    private let request: Range<Int>

    /// Milliseconds for one request, whose reply the agent waits for.
    private static let timeout: Int64 = 10_000

    /// Nil when the answer is no lease.
    init?(_ answer: RawSpan) {
        guard var frame = FrameReader(answer), frame.kind == AgentMessage.Answer.lease.rawValue,
            let id = frame.next(), id.byteCount == AgentMessage.leaseCount,
            let request = frame.nextRange(), frame.isAtEnd
        else { return nil }
        self.id = [UInt8](id)
        self.request = request
    }

    /// Has `sealring-aws` carry the request, and puts the delivery of its reply into the buffer.
    ///
    /// - Parameters:
    ///   - directory: where the program is.
    ///   - end: when it must be done, in milliseconds of `MonotonicClock`.
    func carry(
        _ buffer: inout SecretBuffer, from directory: String?, until end: Int64
    ) throws(ExchangeError) {
        guard let directory else { throw .notStarted(.missing) }
        let left = min(end - MonotonicClock.milliseconds(), Self.timeout)
        guard left > 0 else { throw .timeout }
        var frame = try copy(of: buffer)
        let path = directory.utf8
        try ExchangeProgram.run(
            &frame, milliseconds: Int32(left), watchingOutput: false, in: unsafe path.span.bytes)
        try deliver(frame, in: &buffer)
    }

    private func copy(of answer: borrowing SecretBuffer) throws(ExchangeError) -> SecretBuffer {
        do throws(AgentError) {
            var frame = try AgentMessage.buffer(capacity: 8 << 10)
            try frame.appendPiece(answer.bytes.extracting(request))
            return frame
        } catch { throw Self.exchangeError(error) }
    }

    private func deliver(_ reply: borrowing SecretBuffer, in buffer: inout SecretBuffer) throws(ExchangeError)
    {
        buffer.truncate(to: 0)
        do throws(AgentError) {
            let start = try buffer.beginFrame(AgentMessage.Request.deliver)
            try buffer.appendField(id)
            try buffer.appendField(reply)
            try buffer.endFrame(start)
        } catch { throw Self.exchangeError(error) }
    }

    private static func exchangeError(_ error: AgentError) -> ExchangeError {
        if case .memory(let error) = error { return .memory(error) }
        return .noReply
    }
}
