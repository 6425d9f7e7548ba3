import ProgramSupport
import Testing

struct SpellingTests {
    @Test(
        "words are as far apart as letters must be changed",
        arguments: [
            ("lst", "list", 1), ("list", "list", 0), ("lsit", "list", 2), ("stauts", "status", 2),
            ("", "add", 3), ("add", "", 3), ("unlok", "unlock", 1), ("kitten", "sitting", 3),
            (String(repeating: "a", count: 33), "a", 33),
        ])
    func distance(one: String, other: String, distance: Int) {
        #expect(Spelling.distance(one, other) == distance)
    }
}
