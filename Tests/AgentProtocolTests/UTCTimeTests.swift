import AgentProtocol
import Testing

/// The expected texts were made by Python's `datetime`.
@Suite("times are written as UTC")
struct UTCTimeTests {
    @Test(
        "a known date",
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (86_399, "1970-01-01T23:59:59Z"),
            (1_425_926_363, "2015-03-09T18:39:23Z"), (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_798_761_600, "2027-01-01T00:00:00Z"), (2_147_483_648, "2038-01-19T03:14:08Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] as [(Int64, String)])
    func knownDate(seconds: Int64, text: String) {
        #expect(String(decoding: UTCTime.format(seconds), as: UTF8.self) == text)
    }

    @Test(
        "a time outside of the calendar is written as the end next to it",
        arguments: [
            (-1, "1970-01-01T00:00:00Z"), (Int64.min, "1970-01-01T00:00:00Z"),
            (253_402_300_800, "9999-12-31T23:59:59Z"), (Int64.max, "9999-12-31T23:59:59Z"),
        ])
    func outside(seconds: Int64, text: String) {
        #expect(String(decoding: UTCTime.format(seconds), as: UTF8.self) == text)
    }

    @Test(
        "the end of February in years of each kind",
        arguments: [
            (68_169_599, "1972-02-28T23:59:59Z"), (68_169_600, "1972-02-29T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"), (951_868_800, "2000-03-01T00:00:00Z"),
            (1_709_164_799, "2024-02-28T23:59:59Z"), (1_709_164_800, "2024-02-29T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"), (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] as [(Int64, String)])
    func leapYear(seconds: Int64, text: String) {
        #expect(String(decoding: UTCTime.format(seconds), as: UTF8.self) == text)
    }
}
