/// Times as the clock on the user's wall shows them, with the name of the zone.
package enum LocalTime {
    /// `2026-11-28 14:05 CET`.
    package static func text(_ seconds: Int64) -> String { text(seconds, "%Y-%m-%d %H:%M %Z") }

    /// `14:05 CET` for a time of today, and with its date for one of another day.
    ///
    /// - Parameters:
    ///   - seconds: Unix seconds.
    ///   - now: what counts as today, in Unix seconds.
    package static func brief(_ seconds: Int64, now: Int64 = UnixTime.now()) -> String {
        guard let moment = unsafe local(seconds), let today = unsafe local(now) else { return "" }
        let isToday = unsafe moment.tm_year == today.tm_year && moment.tm_yday == today.tm_yday
        return isToday ? text(seconds, "%H:%M %Z") : text(seconds)
    }

    private static func text(_ seconds: Int64, _ format: String) -> String {
        guard var moment = unsafe local(seconds) else { return "" }
        return unsafe String(unsafeUninitializedCapacity: 64) { text in
            guard let start = text.baseAddress else { return 0 }
            return unsafe start.withMemoryRebound(to: CChar.self, capacity: text.count) {
                unsafe strftime($0, text.count, format, &moment)
            }
        }
    }

    private static func local(_ seconds: Int64) -> tm? {
        guard var time = time_t(exactly: seconds) else { return nil }
        var parts = unsafe tm()
        return unsafe localtime_r(&time, &parts) == nil ? nil : parts
    }
}
