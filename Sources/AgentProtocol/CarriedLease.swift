import Platform
package import SecureMemory

/// A request to AWS that the agent has signed, and that this process is to have carried.
package struct CarriedLease {
    private let id: InlineArray<16, UInt8>
    /// Where in the answer the request lies.
    private let request: Range<Int>

    /// Nil when the answer is no lease.
    package init?(_ answer: RawSpan) {
        guard var frame = FrameReader(answer), frame.kind == LeaseAnswer.kind,
            let id = frame.next(), id.byteCount == AgentMessage.leaseCount,
            let request = frame.nextRange(), frame.isAtEnd
        else { return nil }
        var copy = InlineArray<16, UInt8>(repeating: 0)
        for place in 0..<id.byteCount { copy[place] = id.byte(at: place) }
        self.id = copy
        self.request = request
    }

    /// Has `sealring-aws` carry the request, and puts the delivery of its reply into the buffer, for the agent.
    ///
    /// - Parameters:
    ///   - end: when it must be done, in milliseconds of `MonotonicClock`.
    ///   - watchingOutput: whether to give up when nobody reads our stdout any more.
    ///   - directory: where the program is; empty for the directory of the running program.
    ///   - environment: says which proxy to use.
    package func carry(
        _ buffer: inout SecretBuffer, until end: Int64, watchingOutput: Bool,
        from directory: RawSpan = RawSpan(), in environment: EnvironmentSource = .process
    ) throws(ExchangeError) {
        let left = min(end - MonotonicClock.milliseconds(), Int64(Timeouts.lease))
        guard left > 0 else { throw .timeout }
        var frame = try copy(of: buffer)
        try ExchangeProgram.run(
            &frame, milliseconds: Int32(left), watchingOutput: watchingOutput, from: directory,
            in: environment)
        buffer.truncate(to: 0)
        do throws(AgentError) {
            try DeliverRequest(id: unsafe id.span.bytes, reply: frame.bytes).write(to: &buffer)
        } catch { throw Self.exchangeError(error) }
    }

    private func copy(of answer: borrowing SecretBuffer) throws(ExchangeError) -> SecretBuffer {
        do throws(AgentError) {
            var frame = try AgentMessage.buffer(capacity: 8 << 10)
            try frame.appendPiece(answer.bytes.extracting(request))
            return frame
        } catch { throw Self.exchangeError(error) }
    }

    private static func exchangeError(_ error: AgentError) -> ExchangeError {
        if case .memory(let error) = error { return .memory(error) }
        return .noReply
    }
}
