/// Times as the clock on the user's wall shows them.
package enum LocalTime {
    /// `14:05` for a time of today, `Sun 29 Nov 14:05` for another day.
    ///
    /// - Parameters:
    ///   - seconds: Unix seconds.
    ///   - now: what counts as today, in Unix seconds.
    package static func text(_ seconds: Int64, now: Int64 = UnixTime.now()) -> String {
        guard var moment = unsafe local(seconds), let today = unsafe local(now) else { return "" }
        let isToday = unsafe moment.tm_year == today.tm_year && moment.tm_yday == today.tm_yday
        let format = isToday ? "%H:%M" : "%a %e %b %H:%M"
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
