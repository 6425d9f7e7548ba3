import AgentProtocol
import Platform
import SecureMemory

/// The two ends that this program has.
enum Pipe {
    /// Reads one whole frame.
    ///
    /// - Returns: false when none came in time.
    static func read(into frame: inout SecretBuffer, seconds: Int64) throws -> Bool {
        let end = MonotonicClock.milliseconds() + seconds * 1000
        while true {
            switch unsafe frame.withUnsafeBytes({ unsafe FrameHead($0) }) {
            case .malformed: return false
            case .size(let size) where frame.count == size: return true
            case .size(let size) where frame.count > size: return false
            default: break
            }
            var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
            let left = end - MonotonicClock.milliseconds()
            guard left > 0 else { return false }
            let ready = unsafe poll(&input, 1, Int32(left))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return false }
            let got = try unsafe frame.fill(room: frame.limit - frame.count) { room in
                max(unsafe Platform.read(0, room.baseAddress, room.count), 0)
            }
            if got == 0 { return false }
        }
    }

    /// - Returns: whether all of it was taken.
    static func write(_ frame: borrowing SecretBuffer) throws -> Bool {
        unsafe frame.withUnsafeBytes { bytes in
            var position = 0
            while position < bytes.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[position...])
                let count = unsafe Platform.write(1, rest.baseAddress, rest.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                position += count
            }
            return true
        }
    }

    /// Whether nobody reads the reply any more.
    static var isAbandoned: Bool {
        var output = pollfd(fd: 1, events: 0, revents: 0)
        return unsafe poll(&output, 1, 0) > 0
    }
}
