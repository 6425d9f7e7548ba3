import CPlatform
import ProgramSupport

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Ends an agent that gives no answer, so that a lock never hangs on what its clients do.
enum AgentEnding {
    /// Milliseconds that the process may take to end by itself, and after it was killed.
    private static let timeout: Int32 = 1000

    /// - Parameters:
    ///   - process: its number.
    ///   - isCurrent: asked once the process is held, whether the number is still the agent's.
    /// - Returns: whether it has ended, and the vault key with it.
    static func end(_ process: Int32, isCurrent: () -> Bool) -> Bool {
        let descriptor = platform_open_process(process)
        guard descriptor >= 0 else { return errno == ESRCH }
        defer { close(descriptor) }
        guard isCurrent() else { return true }
        for signal in [SIGTERM, SIGKILL] {
            guard platform_signal_process(descriptor, signal) == 0 else { return errno == ESRCH }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            while true {
                let count = unsafe poll(&waiting, 1, timeout)
                if count > 0 { return true }
                if count == 0 || errno != EINTR { break }
            }
        }
        return false
    }
}
