import Platform
import SecureMemory

/// System calls on descriptors that do not wait.
enum Descriptor {
    /// - Returns: how many bytes were taken, which may be none; nil when the other end is gone.
    static func send(_ descriptor: Int32, _ bytes: RawSpan) -> Int? {
        while true {
            let count = SystemCall.send(descriptor, bytes)
            if count >= 0 { return count }
            if errno == EAGAIN { return 0 }
            if errno != EINTR { return nil }
        }
    }

    enum Arrival: Equatable {
        case bytes(Int)
        case nothing
        case end
    }

    /// Reads up to `room` bytes behind those that the buffer holds.
    static func receive(
        _ descriptor: Int32, into buffer: inout SecretBuffer, room: Int
    ) throws(SecureMemoryError) -> Arrival {
        while true {
            let count = try buffer.read(from: descriptor, room: room)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .end }
            if errno == EAGAIN { return .nothing }
            if errno != EINTR { return .end }
        }
    }

    /// One of the first bytes that have arrived, none of which is taken; nil when it has not.
    static func peek(_ descriptor: Int32, at place: Int) -> UInt8? {
        var head: (UInt64, UInt64) = (0, 0)
        return unsafe withUnsafeMutableBytes(of: &head) { head in
            let count = unsafe systemPeek(descriptor, head.baseAddress, min(place + 1, head.count))
            return place < count ? unsafe head[place] : nil
        }
    }

    static func now() -> AgentState.Moment { .current() }
}

private func systemPeek(_ descriptor: Int32, _ target: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    unsafe recv(descriptor, target, count, Int32(MSG_PEEK) | Int32(MSG_DONTWAIT))
}

extension AgentState.Moment {
    /// The moment that it is.
    package static func current() -> AgentState.Moment {
        AgentState.Moment(boot: MonotonicClock.secondsWithSleep(), unix: UnixTime.now())
    }
}
