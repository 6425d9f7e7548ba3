/// A monotonic clock: the time since some moment in the past.
package enum MonotonicClock {
    /// Seconds, with their fraction.
    package static func seconds() -> Double { Double(microseconds()) / 1e6 }

    /// Milliseconds.
    package static func milliseconds() -> Int64 { microseconds() / 1000 }

    /// Microseconds. It stands still while the machine sleeps.
    package static func microseconds() -> Int64 { read(CLOCK_MONOTONIC) }

    /// Whole seconds of a clock that keeps counting while the machine sleeps, where the system has one.
    package static func secondsWithSleep() -> Int64 {
        #if os(Linux)
            read(CLOCK_BOOTTIME) / 1_000_000
        #else
            read(CLOCK_MONOTONIC) / 1_000_000
        #endif
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}

/// The time of day, which an administrator can set.
package enum UnixTime {
    /// Seconds since 1970-01-01 UTC.
    package static func now() -> Int64 { Int64(time(nil)) }
}
