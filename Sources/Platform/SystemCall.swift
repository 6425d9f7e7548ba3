/// Calls of the C library on descriptors, over bytes that stay where they are.
package enum SystemCall {
    /// `write(2)`: how many bytes were taken; -1 with `errno` set.
    package static func write(_ descriptor: Int32, _ bytes: RawSpan) -> Int {
        unsafe bytes.withUnsafeBytes { unsafe writeBytes(descriptor, $0) }
    }

    /// `send(2)`, without a signal when the other end is gone.
    package static func send(_ descriptor: Int32, _ bytes: RawSpan) -> Int {
        unsafe bytes.withUnsafeBytes { unsafe sendBytes(descriptor, $0) }
    }

    /// `read(2)`: how many bytes came, 0 at the end; -1 with `errno` set.
    package static func read(_ descriptor: Int32, into target: inout MutableRawSpan) -> Int {
        unsafe target.withUnsafeMutableBytes { unsafe readBytes(descriptor, $0) }
    }

    /// The outcome of waiting for a descriptor.
    package enum Readiness: Sendable {
        /// It can be read or written, or has ended.
        case ready
        case late
        /// The reader of our stdout is gone.
        case abandoned
        /// `errno` is set.
        case failed
    }

    /// `poll(2)`: waits for an event of one descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: negative for none.
    ///   - milliseconds: how long; negative for as long as it takes.
    ///   - watchingOutput: whether to give up when nobody reads our stdout any more.
    package static func wait(
        for descriptor: Int32, _ event: Int32, milliseconds: Int32, watchingOutput: Bool = false
    ) -> Readiness {
        let end = MonotonicClock.milliseconds() + Int64(milliseconds)
        var left = milliseconds
        var pair = (
            pollfd(fd: descriptor, events: Int16(event), revents: 0),
            pollfd(fd: watchingOutput ? 1 : -1, events: 0, revents: 0)
        )
        while true {
            let count = unsafe withUnsafeMutablePointer(to: &pair) { pair in
                unsafe pair.withMemoryRebound(to: pollfd.self, capacity: 2) {
                    unsafe poll($0, 2, left)
                }
            }
            if count < 0, errno == EINTR {
                if milliseconds >= 0 { left = Int32(max(end - MonotonicClock.milliseconds(), 0)) }
                continue
            }
            if count < 0 { return .failed }
            if pair.0.revents != 0 { return .ready }
            return count == 0 ? .late : .abandoned
        }
    }
}

/// The system's own words for an `errno`.
package func describe(errno code: Int32) -> String {
    guard let text = unsafe strerror(code) else { return "error \(code)" }
    return unsafe String(cString: text)
}

// The C functions, whose names the ones above have.

private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    unsafe write(descriptor, bytes.baseAddress, bytes.count)
}

private func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
}

private func readBytes(_ descriptor: Int32, _ target: UnsafeMutableRawBufferPointer) -> Int {
    unsafe read(descriptor, target.baseAddress, target.count)
}
