/// A program that this process has started, to wait for and to signal.
///
/// Once a child was waited for, the system may give its number to another process, and in a program of others any
/// thread may wait for it. It is therefore signalled through a descriptor where the system has one for processes, and
/// otherwise only while it is seen to be a child of this process.
///
/// The program outlives this value.
package struct Child: ~Copyable {
    /// How a program ended.
    package enum Ending: Equatable, Sendable {
        case running
        /// Its exit status, or 128 and the number of the signal that ended it.
        case ended(code: Int32)
        /// Somebody else has waited for it, or the system did.
        case unknown
    }

    let process: pid_t
    /// Stands for the process; -1 where there is none.
    private let descriptor: Int32
    /// What has been seen; nobody is waited for twice.
    private var seen = Ending.running

    /// - Parameter hasDescriptor: false as where the system has none for processes.
    init(process: pid_t, hasDescriptor: Bool = true) {
        self.process = process
        let descriptor = hasDescriptor ? platform_open_process(process) : -1
        var code: Int32 = 0
        guard descriptor >= 0, unsafe platform_child_ending(descriptor, process, 1, &code) < 0 else {
            self.descriptor = descriptor
            return
        }
        // It stands for another process, or the system cannot wait by it.
        if errno == ECHILD { seen = .unknown }
        close(descriptor)
        self.descriptor = -1
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Sends a signal.
    ///
    /// - Returns: false if the program is gone; a later process with its number gets nothing.
    @discardableResult
    package func signal(_ number: Int32) -> Bool {
        var code: Int32 = 0
        guard seen == .running, unsafe platform_child_ending(descriptor, process, 1, &code) >= 0 else {
            return false
        }
        return (descriptor >= 0 ? platform_signal_process(descriptor, number) : kill(process, number)) == 0
    }

    /// Whether the program has ended.
    package mutating func ending() -> Ending {
        guard seen == .running else { return seen }
        var code: Int32 = 0
        switch unsafe platform_child_ending(descriptor, process, 0, &code) {
        case 0: break
        case 1: seen = .ended(code: code)
        default: seen = .unknown
        }
        return seen
    }

    /// Waits until the program has ended, for this long at the most.
    package mutating func wait(milliseconds: Int32) -> Ending {
        let end = MonotonicClock.milliseconds() + Int64(milliseconds)
        while true {
            let ending = ending()
            let left = end - MonotonicClock.milliseconds()
            guard ending == .running, left > 0 else { return ending }
            if descriptor >= 0 { _ = SystemCall.wait(for: descriptor, POLLIN, milliseconds: Int32(left)) }
            // One that is traced has ended, and is no longer waited for, only once its tracer lets go.
            if self.ending() == .running { usleep(200) }
        }
    }

    /// Ends the program with the first signal, or else with SIGKILL, and waits for it.
    ///
    /// - Parameter milliseconds: how long it may take after each.
    package consuming func stop(_ first: Int32, milliseconds: Int32) {
        for number in [first, SIGKILL] {
            signal(number)
            guard wait(milliseconds: milliseconds) == .running else { return }
        }
    }
}
