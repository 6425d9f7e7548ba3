import ProgramSupport
import Testing

@Suite("Durations as people read them")
struct ShownDurationTests {
    @Test(
        "the two largest units are shown, and nothing that is zero",
        arguments: [
            (0, "0s"), (-5, "0s"), (59, "59s"), (60, "1m"), (90, "1m 30s"), (3600, "1h"), (5400, "1h 30m"),
            (5407, "1h 30m"), (86_400, "24h"), (129_600, "36h"), (172_800, "2d"), (176_400, "2d 1h"),
            (604_800, "7d"), (.max, "106751991167300d 15h"),
        ] as [(Int64, String)])
    func text(seconds: Int64, text: String) { #expect(ShownDuration.text(seconds) == text) }
}
