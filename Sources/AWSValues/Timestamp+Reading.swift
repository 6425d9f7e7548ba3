extension Timestamp {
    /// The Unix seconds of an RFC 3339 time such as `2026-01-31T12:00:00Z`; nil outside of ``range``.
    ///
    /// A fraction is dropped. The offset may be `Z`, `+01:00` or, as botocore writes it, `+0000`.
    package static func seconds(_ text: Span<UInt8>) -> Int64? {
        guard (20...40).contains(text.count), text[10].lowercased == UInt8(ascii: "t"),
            let (clock, end) = localSeconds(text), end < text.count,
            let offset = offset(text.extracting(end..<text.count))
        else { return nil }
        return inRange(clock - offset)
    }

    /// The Unix seconds of an RFC 3339 time.
    package static func seconds(_ text: String) -> Int64? { seconds(text.utf8.span) }

    /// The Unix seconds at which temporary credentials expire, in the forms that tools write.
    ///
    /// Besides RFC 3339: a blank for the `T`, no zone (aws-mfa, which means UTC), `UTC` or `GMT` (botocore's cache),
    /// Go's `2026-01-31 12:00:00 +0100 CET`, and Unix seconds or milliseconds.
    package static func secondsOfExpiration(_ text: Span<UInt8>) -> Int64? {
        guard (9...64).contains(text.count) else { return nil }
        if let epoch = epochSeconds(text) { return epoch }
        guard text.count >= 19, text[10].lowercased == UInt8(ascii: "t") || text[10] == blank,
            let (clock, end) = localSeconds(text)
        else { return nil }
        let start = end < text.count && text[end] == blank ? end + 1 : end
        var stop = start
        while stop < text.count, text[stop] != blank { stop += 1 }
        // Go adds the zone's name.
        if stop < text.count {
            guard stop > start, text.extracting((stop + 1)...).allSatisfy(isZoneCharacter) else {
                return nil
            }
        }
        let zone = text.extracting(start..<stop)
        if zone.isEmpty || isUTC(zone) { return inRange(clock) }
        return offset(zone).flatMap { inRange(clock - $0) }
    }

    private static var blank: UInt8 { UInt8(ascii: " ") }

    private static func inRange(_ seconds: Int64) -> Int64? { range.contains(seconds) ? seconds : nil }

    /// The seconds of date and clock as if they were UTC's, and where their text ends, behind a fraction.
    private static func localSeconds(_ text: Span<UInt8>) -> (seconds: Int64, end: Int)? {
        guard let year = number(text, 0..<4), let month = number(text, 5..<7), let day = number(text, 8..<10),
            let hour = number(text, 11..<13), let minute = number(text, 14..<16),
            let second = number(text, 17..<19),
            text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), text[13] == UInt8(ascii: ":"),
            text[16] == UInt8(ascii: ":"),
            (1...12).contains(month), (1...daysInMonth(month, of: year)).contains(day),
            // A leap second counts as the first one of the next minute.
            hour < 24, minute < 60, second < 61
        else { return nil }
        var position = 19
        if position < text.count, text[position] == UInt8(ascii: ".") {
            position += 1
            let first = position
            while position < text.count, text[position].isDigit { position += 1 }
            guard position > first else { return nil }
        }
        let clock = hour * 3600 + minute * 60 + second
        return (days(year: year, month: month, day: day) * secondsOfDay + clock, position)
    }

    /// Unix seconds of 9 to 11 digits, a fraction behind them dropped, or milliseconds of 12 to 14.
    private static func epochSeconds(_ text: Span<UInt8>) -> Int64? {
        var end = 0
        while end < text.count, text[end].isDigit { end += 1 }
        guard (9...14).contains(end), let value = number(text, 0..<end) else { return nil }
        if end < text.count {
            let isFraction = text[end] == UInt8(ascii: ".") && end + 1 < text.count
            guard isFraction, text.extracting((end + 1)...).allSatisfy({ $0.isDigit }) else { return nil }
        }
        return end < 12 ? value : value / 1000
    }

    private static func isZoneCharacter(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
    }

    private static func isUTC(_ zone: Span<UInt8>) -> Bool {
        guard zone.count == 3 else { return false }
        let (first, second, third) = (zone[0].lowercased, zone[1].lowercased, zone[2].lowercased)
        switch first {
        case UInt8(ascii: "u"): return second == UInt8(ascii: "t") && third == UInt8(ascii: "c")
        case UInt8(ascii: "g"): return second == UInt8(ascii: "m") && third == UInt8(ascii: "t")
        default: return false
        }
    }

    private static func offset(_ text: Span<UInt8>) -> Int64? {
        if text.count == 1 { return text[0].lowercased == UInt8(ascii: "z") ? 0 : nil }
        guard text.count == 5 || (text.count == 6 && text[3] == UInt8(ascii: ":")),
            let hour = number(text, 1..<3), let minute = number(text, (text.count - 2)..<text.count),
            hour < 24, minute < 60
        else { return nil }
        switch text[0] {
        case UInt8(ascii: "+"): return hour * 3600 + minute * 60
        case UInt8(ascii: "-"): return -(hour * 3600 + minute * 60)
        default: return nil
        }
    }

    private static func number(_ text: Span<UInt8>, _ range: Range<Int>) -> Int64? {
        var value: Int64 = 0
        for position in range {
            guard text[position].isDigit else { return nil }
            value = value * 10 + Int64(text[position] - UInt8(ascii: "0"))
        }
        return value
    }

    private static func daysInMonth(_ month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
