import AWSValues
import Testing

/// The expected texts were made by Python's `datetime`.
@Suite struct TimestampTests {
    @Test(
        "a time is written as UTC",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (86_399, "1970-01-01T23:59:59Z"),
            (1_425_926_363, "2015-03-09T18:39:23Z"), (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_798_761_600, "2027-01-01T00:00:00Z"), (2_147_483_648, "2038-01-19T03:14:08Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
            // The end of February in years of each kind.
            (68_169_599, "1972-02-28T23:59:59Z"), (68_169_600, "1972-02-29T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (951_868_800, "2000-03-01T00:00:00Z"),
            (1_709_164_799, "2024-02-28T23:59:59Z"), (1_709_164_800, "2024-02-29T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] as [(Int64, String)])
    func knownTime(seconds: Int64, text: String) {
        #expect(Timestamp.text(seconds) == text && Timestamp.format(seconds) == Array(text.utf8))
        #expect(Timestamp.seconds(text) == seconds)
        #expect(expiration(text) == seconds)
    }

    private func expiration(_ text: String) -> Int64? { Timestamp.secondsOfExpiration(text.utf8.span) }

    @Test(
        "a time outside of the calendar is written as the end next to it",
        arguments: [
            (-1, "1970-01-01T00:00:00Z"), (Int64.min, "1970-01-01T00:00:00Z"),
            (253_402_300_800, "9999-12-31T23:59:59Z"), (Int64.max, "9999-12-31T23:59:59Z"),
        ])
    func outside(seconds: Int64, text: String) {
        #expect(!Timestamp.range.contains(seconds) && Timestamp.text(seconds) == text)
    }

    @Test("every day from 1970 to 9999 is read as it was written, and they are one day apart")
    func everyDay() {
        let seconds = stride(from: Int64(3723), through: Timestamp.latest, by: 86_400)
        let differs = seconds.first { Timestamp.seconds(Timestamp.format($0).span) != $0 }
        #expect(differs == nil)
    }

    @Test(
        "RFC 3339 is read, and nothing else",
        arguments: [
            ("2000-02-29T23:59:59Z", 951_868_799), ("2026-11-24T06:05:04.123Z", 1_795_500_304),
            ("2026-11-24t06:05:04z", 1_795_500_304), ("2026-11-24T06:05:04+00:00", 1_795_500_304),
            ("2026-11-24T06:05:04+0000", 1_795_500_304), ("2026-11-24T07:35:04.5+01:30", 1_795_500_304),
            ("2026-11-24T05:05:04-01:00", 1_795_500_304), ("2016-12-31T23:59:60Z", 1_483_228_800),
            ("1970-01-01T00:30:00+00:30", 0), ("1970-01-01T00:30:00+00:31", nil),
            ("9999-12-31T23:00:00-00:59", 253_402_300_740), ("9999-12-31T23:59:59-00:01", nil),
            ("2026-11-24T06:05:04.12345678901234567890Z", nil),
            ("2026-11-24T06:05:04.1234567890123456789Z", 1_795_500_304),
            ("2026-02-29T00:00:00Z", nil), ("2100-02-29T00:00:00Z", nil), ("2026-04-31T00:00:00Z", nil),
            ("2026-13-01T00:00:00Z", nil), ("2026-00-01T00:00:00Z", nil), ("2026-01-00T00:00:00Z", nil),
            ("2026-11-24T24:00:00Z", nil), ("2026-11-24T23:60:00Z", nil), ("2026-11-24T23:59:61Z", nil),
            ("2026-11-24T06:05:04", nil), ("2026-11-24 06:05:04Z", nil), ("2026-11-24T06:05:04.Z", nil),
            ("2026-11-24T06:05:04+24:00", nil), ("2026-11-24T06:05:04+00:60", nil),
            ("2026-11-24T06:05:04+1:00", nil), ("2026-11-24T06:05:04*0000", nil), ("1795500304", nil),
            ("1969-12-31T23:59:59Z", nil), ("", nil), ("2026-1-24T06:05:04.12Z", nil),
        ] as [(String, Int64?)])
    func readsTime(text: String, seconds: Int64?) { #expect(Timestamp.seconds(text) == seconds) }

    @Test(
        "an expiration is read in every form that tools write",
        arguments: [
            ("2000-03-01t00:00:00.123456789z", 951_868_800), ("2026-01-31T12:00:00-0130", 1_769_866_200),
            ("2026-01-31T12:00:00", 1_769_860_800), ("2026-01-31 12:00:00Z", 1_769_860_800),
            ("2026-01-31 12:00:00", 1_769_860_800), ("2026-01-31 13:00:00+01:00", 1_769_860_800),
            ("2026-01-31T12:00:00UTC", 1_769_860_800), ("2026-01-31T12:00:00gmt", 1_769_860_800),
            ("2026-01-31 13:00:00 +0100 CET", 1_769_860_800), ("2026-01-31 12:00:00 UTC", 1_769_860_800),
            ("2026-01-31 12:00:00.123 +0000 UTC", 1_769_860_800), ("2026-01-31 12:00:00 ", 1_769_860_800),
            ("1769860800", 1_769_860_800), ("1769860800123", 1_769_860_800),
            ("1769860800.75", 1_769_860_800), ("100000000", 100_000_000), ("99999999999", 99_999_999_999),
            ("100000000000", 100_000_000), ("99999999999999", 99_999_999_999),
            ("99999999", nil), ("999999999999999", nil), ("1769860800x", nil), ("1769860800.", nil),
            ("1970-01-01T00:00:00+00:01", nil), ("2026-01-31T12:00:00ZZ", nil),
            ("2026-01-31T12:00:00+00:00Z", nil), ("2026-01-31T12:00:00 CET", nil), ("2026-01-31", nil),
            ("2026-01-31T12:00:00UTX", nil), ("2026-01-31 12:00:00  UTC", nil),
            ("2026-01-31 13:00:00 +0100 \u{e9}", nil), (String(repeating: "1", count: 65), nil),
        ] as [(String, Int64?)])
    func readsExpiration(text: String, seconds: Int64?) {
        #expect(expiration(text) == seconds)
    }
}
