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
            switch FrameHead(frame.bytes) {
            case .malformed: return false
            case .size(let size) where frame.count == size: return true
            case .size(let size) where frame.count > size: return false
            default: break
            }
            let left = end - MonotonicClock.milliseconds()
            guard left > 0 else { return false }
            guard SystemCall.wait(for: 0, POLLIN, milliseconds: Int32(left)) == .ready,
                try frame.read(from: 0, room: frame.limit - frame.count) > 0
            else { return false }
        }
    }

    /// - Returns: whether all of it was taken.
    static func write(_ frame: borrowing SecretBuffer) throws -> Bool {
        var position = 0
        while position < frame.count {
            let count = SystemCall.write(1, frame.bytes.extracting(droppingFirst: position))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            position += count
        }
        return true
    }

    /// Whether nobody reads the reply any more.
    static var isAbandoned: Bool {
        SystemCall.wait(for: -1, 0, milliseconds: 0, watchingOutput: true) == .abandoned
    }
}
