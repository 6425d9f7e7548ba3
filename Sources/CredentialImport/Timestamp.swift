/// The Unix seconds of an RFC 3339 time such as `2026-01-31T12:00:00Z`, from 1970 to 9999.
///
/// A fraction is dropped. The offset may be `Z`, `+01:00` or, as botocore writes it, `+0000`.
func unixSeconds(_ bytes: Span<UInt8>) -> Int64? {
    guard (20...40).contains(bytes.count), bytes[10] | 0x20 == UInt8(ascii: "t"),
        let (clock, end) = localSeconds(bytes), end < bytes.count,
        let offset = offset(bytes.extracting(end..<bytes.count))
    else { return nil }
    return inRange(clock - offset)
}

/// The Unix seconds at which temporary credentials end, in the forms that tools write.
///
/// Beside RFC 3339: a blank for the `T`, no zone (aws-mfa, which means UTC), `UTC` or `GMT` (botocore's cache),
/// Go's `2026-01-31 12:00:00 +0100 CET`, and Unix seconds or milliseconds.
func endSeconds(_ bytes: Span<UInt8>) -> Int64? {
    guard (9...64).contains(bytes.count) else { return nil }
    if let epoch = epochSeconds(bytes) { return epoch }
    guard bytes.count >= 19, bytes[10] | 0x20 == UInt8(ascii: "t") || bytes[10] == space,
        let (clock, end) = localSeconds(bytes)
    else { return nil }
    let start = end < bytes.count && bytes[end] == space ? end + 1 : end
    var stop = start
    while stop < bytes.count, bytes[stop] != space { stop += 1 }
    // Go adds the zone's name.
    if stop < bytes.count {
        guard stop > start, all(bytes.extracting((stop + 1)..<bytes.count), isZoneCharacter) else {
            return nil
        }
    }
    let zone = bytes.extracting(start..<stop)
    if zone.isEmpty || equalsIgnoringCase(zone, "utc") || equalsIgnoringCase(zone, "gmt") {
        return inRange(clock)
    }
    return offset(zone).flatMap { inRange(clock - $0) }
}

/// `2026-01-31T12:00:00Z`, for seconds from 1970 to 9999.
func utcText(_ seconds: Int64) -> String {
    func digits(_ number: Int64, _ count: Int = 2) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    // Howard Hinnant's civil_from_days, in years that begin in March.
    let days = seconds / 86_400 + 719_468
    let (era, dayOfEra) = days.quotientAndRemainder(dividingBy: 146_097)
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    let date = "\(digits(year, 4))-\(digits(month))-\(digits(dayOfYear - (153 * shifted + 2) / 5 + 1))"
    let clock = seconds % 86_400
    return date + "T\(digits(clock / 3600)):\(digits(clock / 60 % 60)):\(digits(clock % 60))Z"
}

private func inRange(_ seconds: Int64) -> Int64? {
    (0...253_402_300_799).contains(seconds) ? seconds : nil
}

/// The seconds of date and clock as if they were UTC's, and where their text ends, behind a fraction.
private func localSeconds(_ bytes: Span<UInt8>) -> (seconds: Int64, end: Int)? {
    guard let year = number(bytes, 0..<4), let month = number(bytes, 5..<7), let day = number(bytes, 8..<10),
        let hour = number(bytes, 11..<13), let minute = number(bytes, 14..<16),
        let second = number(bytes, 17..<19),
        bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[13] == UInt8(ascii: ":"),
        bytes[16] == UInt8(ascii: ":"),
        (1...12).contains(month), (1...daysInMonth(month, of: year)).contains(day),
        hour < 24, minute < 60, second < 61
    else { return nil }
    var position = 19
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
        position += 1
        let first = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        guard position > first else { return nil }
    }
    let clock = Int64(hour * 3600 + minute * 60 + second)
    return (daysSince1970(year, month, day) * 86400 + clock, position)
}

/// Unix seconds of 9 to 11 digits, a fraction behind them dropped, or milliseconds of 12 to 14.
private func epochSeconds(_ bytes: Span<UInt8>) -> Int64? {
    var end = 0
    while end < bytes.count, isDigit(bytes[end]) { end += 1 }
    guard (9...14).contains(end), let value = number(bytes, 0..<end) else { return nil }
    if end < bytes.count {
        let isFraction = bytes[end] == UInt8(ascii: ".") && end + 1 < bytes.count
        guard isFraction, all(bytes.extracting((end + 1)..<bytes.count), isDigit) else { return nil }
    }
    return Int64(end < 12 ? value : value / 1000)
}

private func isZoneCharacter(_ byte: UInt8) -> Bool {
    isDigit(byte) || (0x61...0x7A).contains(byte | 0x20) || byte == UInt8(ascii: "+")
        || byte == UInt8(ascii: "-")
}

private func offset(_ bytes: Span<UInt8>) -> Int64? {
    if bytes.count == 1 { return bytes[0] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
    guard bytes.count >= 5 else { return nil }
    let minutes = bytes.count - 2
    guard bytes.count == 5 || (bytes.count == 6 && bytes[3] == UInt8(ascii: ":")),
        let hour = number(bytes, 1..<3), let minute = number(bytes, minutes..<(minutes + 2)),
        hour < 24, minute < 60
    else { return nil }
    let seconds = Int64(hour * 3600 + minute * 60)
    switch bytes[0] {
    case UInt8(ascii: "+"): return seconds
    case UInt8(ascii: "-"): return -seconds
    default: return nil
    }
}

private func number(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var value = 0
    for index in range {
        guard isDigit(bytes[index]) else { return nil }
        value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
    }
    return value
}

func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

private func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

private func daysInMonth(_ month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
}

/// Counts years from March on, so that the leap day is the last of its year.
private func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
    let shifted = month < 3 ? year - 1 : year
    let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
    return Int64(shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468)
}
