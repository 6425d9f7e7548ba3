/// Durations as people read them, and as options take them without the space.
package enum ShownDuration {
    /// The two largest units, such as `1h 30m`: less than two days are hours, and seconds are left out beside hours
    /// and days.
    package static func text(_ seconds: Int64) -> String {
        let seconds = max(seconds, 0)
        let (days, hours, minutes) = (seconds / 86_400, seconds / 3600, seconds / 60)
        if days >= 2 { return joined((days, "d"), (hours % 24, "h")) }
        if hours >= 1 { return joined((hours, "h"), (minutes % 60, "m")) }
        return minutes >= 1 ? joined((minutes, "m"), (seconds % 60, "s")) : "\(seconds)s"
    }

    private static func joined(_ large: (Int64, String), _ small: (Int64, String)) -> String {
        "\(large.0)\(large.1)" + (small.0 > 0 ? " \(small.0)\(small.1)" : "")
    }
}
