import Platform
package import SecureMemory

/// Why the program that speaks to AWS brought no reply.
package enum ExchangeError: Error, Equatable, Sendable {
    case notStarted(SiblingProgram.StartError)
    /// It ended without a proper reply.
    case noReply
    case timeout
    /// Nobody reads our stdout any more.
    case abandoned
    case memory(SecureMemoryError)
}

/// Runs `sealring-aws` for one request.
///
/// The frames are passed on unread. No strings or arrays: the helper's start would pay for them.
package enum ExchangeProgram {
    /// - Parameters:
    ///   - frame: holds the request, and then the reply.
    ///   - watchingOutput: whether to give up when nobody reads our stdout any more.
    ///   - directory: where the program is; empty for the directory of the running program.
    ///   - environment: says which proxy to use.
    package static func run(
        _ frame: inout SecretBuffer, milliseconds: Int32, watchingOutput: Bool,
        from directory: RawSpan = RawSpan(), in environment: EnvironmentSource = .process
    ) throws(ExchangeError) {
        let end = MonotonicClock.milliseconds() + Int64(milliseconds)
        var ends = Ends()
        let child = try start(&ends, from: directory, in: environment)
        do throws(ExchangeError) {
            try send(frame, ends, until: end, watchingOutput: watchingOutput)
            ends.closeInput()
            frame.truncate(to: 0)
            try receive(&frame, ends, until: end, watchingOutput: watchingOutput)
            ends.closeAll()
            reap(child, isKilled: false)
        } catch {
            ends.closeAll()
            reap(child, isKilled: true)
            throw error
        }
    }

    // MARK: the two pipes

    private struct Ends {
        var input: Int32 = -1
        var output: Int32 = -1

        mutating func closeInput() {
            if input >= 0 { close(input) }
            input = -1
        }

        mutating func closeAll() {
            closeInput()
            if output >= 0 { close(output) }
            output = -1
        }
    }

    private static func send(
        _ frame: borrowing SecretBuffer, _ ends: Ends, until end: Int64, watchingOutput isWatching: Bool
    ) throws(ExchangeError) {
        var sent = 0
        while sent < frame.count {
            let count = SystemCall.write(ends.input, frame.bytes.extracting(droppingFirst: sent))
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                try wait(for: ends.input, POLLOUT, until: end, watchingOutput: isWatching)
            } else if errno != EINTR {
                throw .noReply
            }
        }
    }

    private static func receive(
        _ frame: inout SecretBuffer, _ ends: Ends, until end: Int64, watchingOutput isWatching: Bool
    ) throws(ExchangeError) {
        while true {
            var room = 4 << 10
            switch FrameHead(frame.bytes) {
            case .malformed: throw .noReply
            case .size(let size) where frame.count == size: return
            case .size(let size) where frame.count > size: throw .noReply
            case .size(let size): room = size - frame.count
            case .incomplete: break
            }
            try wait(for: ends.output, POLLIN, until: end, watchingOutput: isWatching)
            let got: Int
            do { got = try frame.read(from: ends.output, room: room) } catch { throw .memory(error) }
            if got <= 0 { throw .noReply }
        }
    }

    private static func wait(
        for descriptor: Int32, _ event: Int32, until end: Int64, watchingOutput isWatching: Bool
    ) throws(ExchangeError) {
        let left = end - MonotonicClock.milliseconds()
        guard left > 0 else { throw .timeout }
        switch SystemCall.wait(
            for: descriptor, event, milliseconds: Int32(left), watchingOutput: isWatching)
        {
        case .ready: return
        case .late: throw .timeout
        case .abandoned: throw .abandoned
        case .failed: throw .noReply
        }
    }

    // MARK: the process

    private static func start(
        _ ends: inout Ends, from directory: RawSpan, in environment: EnvironmentSource
    ) throws(ExchangeError) -> Child {
        do throws(SiblingProgram.StartError) {
            let input = try SiblingProgram.pipe()
            let output = try SiblingProgram.pipe()
            let streams = ChildProcess.Streams(
                input: .descriptor(input.reading), output: .descriptor(output.writing), errors: .null)
            let child = try SiblingProgram.start(
                "sealring-aws", from: directory, streams: streams, in: environment, passing: isProxy)
            ends = Ends(input: input.takeWriting(), output: output.takeReading())
            _ = platform_stop_waiting(ends.input)
            return child
        } catch { throw .notStarted(error) }
    }

    /// The variables that it may see: which proxy to use, and for which hosts none.
    private static func isProxy(_ variable: RawSpan) -> Bool {
        for name in ["HTTPS_PROXY=", "https_proxy=", "ALL_PROXY=", "all_proxy=", "NO_PROXY=", "no_proxy="]
            as [StaticString]
        where variable.hasPrefix(name.rawSpan) { return true }
        return false
    }

    /// Waits for the child, which has nothing more to say; one that does not end is ended.
    ///
    /// One that is traced stays until its tracer lets go, even when it was killed: it is not waited for, and
    /// whoever waits for this process takes it over.
    private static func reap(_ child: consuming Child, isKilled: Bool) {
        if isKilled || child.wait(milliseconds: Timeouts.endingChild) == .running {
            child.stop(SIGKILL, milliseconds: Timeouts.endingChild)
        }
    }
}
