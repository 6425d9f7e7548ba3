/// The Unix seconds of an RFC 3339 time such as `2026-01-31T12:00:00Z`, from 1970 to 9999.
///
/// A fraction is dropped. The offset may be `Z`, `+01:00` or, as botocore writes it, `+0000`.
func unixSeconds(_ bytes: Span<UInt8>) -> Int64? {
    guard (20...40).contains(bytes.count) else { return nil }
    guard let year = number(bytes, 0..<4), let month = number(bytes, 5..<7), let day = number(bytes, 8..<10),
        let hour = number(bytes, 11..<13), let minute = number(bytes, 14..<16),
        let second = number(bytes, 17..<19),
        bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"), bytes[10] | 0x20 == UInt8(ascii: "t"),
        bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":"),
        (1...12).contains(month), (1...daysInMonth(month, of: year)).contains(day),
        hour < 24, minute < 60, second < 61
    else { return nil }

    var position = 19
    if bytes[position] == UInt8(ascii: ".") {
        position += 1
        let first = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        guard position > first else { return nil }
    }
    guard position < bytes.count, let offset = offset(bytes.extracting(position..<bytes.count)) else {
        return nil
    }
    let clock = Int64(hour * 3600 + minute * 60 + second)
    let seconds = daysSince1970(year, month, day) * 86400 + clock - offset
    return (0...253_402_300_799).contains(seconds) ? seconds : nil
}

private func offset(_ bytes: Span<UInt8>) -> Int64? {
    if bytes.count == 1 { return bytes[0] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
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
