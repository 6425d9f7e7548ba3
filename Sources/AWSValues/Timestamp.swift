/// A time in whole Unix seconds, and its text `YYYY-MM-DDTHH:MM:SSZ`.
public struct Timestamp: Sendable, Hashable {
    /// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted: 0 to 253402300799.
    public let unixSeconds: Int64

    /// A time, or nil for one before 1970 or after 9999.
    public init?(unixSeconds: Int64) {
        guard Self.range.contains(unixSeconds) else { return nil }
        self.unixSeconds = unixSeconds
    }

    /// A time that was checked before; one outside of ``range`` becomes the end that is next to it.
    package init(clamping unixSeconds: Int64) {
        self.unixSeconds = min(max(unixSeconds, 0), Self.latest)
    }

    /// The last second that has a year of four digits.
    package static var latest: Int64 { 253_402_300_799 }

    /// The times that are stored, read and written: from 1970 to 9999.
    package static var range: ClosedRange<Int64> { 0...latest }

    /// The 20 ASCII characters for a time; one outside of ``range`` is written as the end that is next to it.
    package static func format(_ seconds: Int64) -> [UInt8] {
        let seconds = min(max(seconds, 0), latest)
        let (year, month, day) = date(days: seconds / secondsOfDay)
        let second = seconds % secondsOfDay
        var text: [UInt8] = []
        text.reserveCapacity(20)
        append(year, digits: 4, "-", to: &text)
        append(month, digits: 2, "-", to: &text)
        append(day, digits: 2, "T", to: &text)
        append(second / 3600, digits: 2, ":", to: &text)
        append(second / 60 % 60, digits: 2, ":", to: &text)
        append(second % 60, digits: 2, "Z", to: &text)
        return text
    }

    /// As ``format(_:)``, for people.
    package static func text(_ seconds: Int64) -> String {
        String(decoding: format(seconds), as: UTF8.self)
    }

    static var secondsOfDay: Int64 { 86_400 }

    /// The Gregorian date of a day, counted from 1970-01-01.
    ///
    /// Source: Howard Hinnant, `civil_from_days`, in years that begin in March.
    private static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    /// The days from 1970-01-01 to a Gregorian date.
    ///
    /// Source: Howard Hinnant, `days_from_civil`, in years that begin in March.
    static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }

    private static func append(_ number: Int64, digits: Int, _ end: Unicode.Scalar, to text: inout [UInt8]) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
        text.append(UInt8(ascii: end))
    }
}

extension Timestamp: Comparable, CustomStringConvertible {
    /// Whether a time is before another one.
    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.unixSeconds < other.unixSeconds }

    /// RFC 3339 in UTC, for example `2026-01-31T12:00:00Z`.
    public var description: String { Self.text(unixSeconds) }
}
