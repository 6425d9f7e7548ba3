import Testing

@testable import CredentialVault

/// Content that breaks one rule of the format, with the rule as its name.
struct BrokenContent: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]

    /// One access key of which a field has this value.
    static func field(_ name: String, _ tag: UInt16, _ value: [UInt8], type: UInt8 = 1) -> BrokenContent {
        let samples: [UInt8: TestRecord] = [1: .accessKey(1), 2: .role(1), 4: .blob(1)]
        let other = TestRecord(type: type, fields: [(2, TestRecord.id(1))])
        return records(name, [(samples[type] ?? other).with(tag, value)])
    }

    static func text(_ name: String, _ tag: UInt16, _ text: String) -> BrokenContent {
        field(name, tag, Array(text.utf8))
    }

    static func records(_ name: String, _ records: [TestRecord]) -> BrokenContent {
        content(name, TestContent(records: records))
    }

    static func content(_ name: String, _ content: TestContent) -> BrokenContent {
        BrokenContent(testDescription: name, bytes: padded(content.bytes))
    }
}

@Suite("Rules of the content")
struct ContentRuleTests {
    private static let key = TestRecord.accessKey(1)
    private static let long = [UInt8](repeating: 65, count: 1 << 20 + 1)

    static let values: [BrokenContent] = [
        .text("a name with a space", 1, "a b"), .text("a name that starts with a digit", 1, "1a"),
        .text("a name that starts with a hyphen", 1, "-a"), .text("a name with a letter of no ASCII", 1, "é"),
        .text("a name of 129 bytes", 1, String(repeating: "a", count: 129)),
        .text("an access key id in lower case", 3, "akiaiosfodnn7example"),
        .text("an access key id of 15 characters", 3, "AKIAIOSFODNN7EX"),
        .text("an access key id of 129", 3, String(repeating: "A", count: 129)),
        .field("a record id of 15 bytes", 2, [UInt8](repeating: 1, count: 15)),
        .field("a record id of 17 bytes", 2, [UInt8](repeating: 1, count: 17)),
        .field("an empty secret", 4, []),
        .text("a secret of 4097 bytes", 4, String(repeating: "a", count: 4097)),
        .text("a token of 6145 bytes", 5, String(repeating: "a", count: 6145)),
        .text("a note of 4097 bytes", 14, String(repeating: "a", count: 4097)),
        .text("a newline", 14, "a\nb"), .text("an escape", 12, "\u{1B}[31m"), .text("a NUL", 4, "\0"),
        .text("DEL", 13, "\u{7F}"), .text("a C1 character", 8, "\u{85}"), .text("the last C1", 8, "\u{9F}"),
        .field("a lone continuation", 14, [0x80]), .field("an overlong slash", 14, [0xC0, 0xAF]),
        .field("an overlong of three", 14, [0xE0, 0x9F, 0xBF]),
        .field("an overlong of four", 14, [0xF0, 0x8F, 0xBF, 0xBF]),
        .field("a surrogate", 14, [0xED, 0xA0, 0x80]),
        .field("beyond Unicode", 14, [0xF4, 0x90, 0x80, 0x80]),
        .field("a cut sequence", 14, [0x61, 0xE2, 0x82]),
        .field("a broken sequence", 14, [0xE2, 0x28, 0xA1]),
        .field("bad UTF-8 in a secret", 4, [0xFF]), .field("bad UTF-8 in a token", 5, [0xC3]),
        .text("an account of 11 digits", 7, "12345678901"), .text("an account of letters", 7, "12345678901a"),
        .field("a time of four bytes", 9, [1, 0, 0, 0]), .field("a time before 1970", 11, time(-1)),
        .field("a time after 9999", 6, time(253_402_300_800)),
        .field("nine bytes of time", 10, time(1) + [0]),
        .field("seconds of eight bytes", 15, time(60)), .field("an unknown field of over 1 MiB", 42, long),
        .field("serving nothing", 16, [0]), .field("serving a third thing", 16, [3]),
        .field("serving in two bytes", 16, [1, 0]), .field("a served role's short id", 17, [1, 2]),
        .field("an endpoint of 513 bytes", 18, [UInt8](repeating: 65, count: 513)),
        .field("an endpoint with a line", 19, Array("https://a\nb".utf8)),
        .field("a path of 1025 bytes", 20, [UInt8](repeating: 65, count: 1025)),
        .field("a serial of 257 bytes", 21, [UInt8](repeating: 65, count: 257)),
        .field("a seed of 9 bytes", 22, [UInt8](repeating: 65, count: 9)),
        .field("a seed of 129 bytes", 22, [UInt8](repeating: 65, count: 129)),
        .field("a session of 899 seconds", 23, little(UInt32(899))),
        .field("a session of 36 hours and a second", 23, little(UInt32(129_601))),
        .field("a session of eight bytes", 23, time(3600)), .field("phase 0", 24, [0]),
        .field("a rotation of before 1970", 25, time(-1)),
        .field("an empty line of keys", 26, Array("A\n\nB".utf8)),
        .field("a line that ends the keys", 26, Array("A\n".utf8)),
        .field("17 keys", 26, Array(Array(repeating: "A", count: 17).joined(separator: "\n").utf8)),
        .field("another key's bad id", 27, Array("akia".utf8)), .field("another secret's DEL", 28, [0x7F]),
        .field("another key's bad time", 29, [1]), .field("a bad time to delete", 30, time(253_402_300_800)),
        .field("a bad time of use", 31, [1]), .field("a bad time of asking", 32, [1]),
        .field("a role without an ARN's bytes", 33, [], type: 2),
        .field("a role's ARN of 2049", 33, [UInt8](repeating: 65, count: 2049), type: 2),
        .field("a role's short source", 34, [1], type: 2),
        .field("a role of 12 hours and a second", 23, little(UInt32(43_201)), type: 2),
        .field("an external id of 1225", 35, [UInt8](repeating: 65, count: 1225), type: 2),
        .field("a policy of 2049", 36, [UInt8](repeating: 65, count: 2049), type: 2),
        .field(
            "11 policies", 37, Array(Array(repeating: "A", count: 11).joined(separator: "\n").utf8), type: 2),
        .field("51 tags", 38, Array(Array(repeating: "A=", count: 51).joined(separator: "\n").utf8), type: 2),
        .field("a tag with an escape", 38, Array("a=\u{1B}".utf8), type: 2),
        .field(
            "51 transitive tags", 39, Array(Array(repeating: "A", count: 51).joined(separator: "\n").utf8),
            type: 2),
        .field("an external id of one byte", 35, [65], type: 2),
        .field("a source identity of one byte", 40, [65], type: 2),
        .field("a session name of one byte", 41, [65], type: 2),
        .field("a source of 17 bytes", 34, [UInt8](repeating: 1, count: 17), type: 2),
        .field("a role of 899 seconds", 23, little(UInt32(899)), type: 2),
        .field("tags of over 24 KiB", 38, [UInt8](repeating: 65, count: 24 << 10 + 1), type: 2),
        .field("transitive tags of over 8 KiB", 39, [UInt8](repeating: 65, count: 8 << 10 + 1), type: 2),
        .field("an empty policy", 37, Array("a\n".utf8), type: 2),
        .field("an empty tag", 38, Array("\na=".utf8), type: 2),
        .field("a source identity of 65", 40, [UInt8](repeating: 65, count: 65), type: 2),
        .field("a session name of 65", 41, [UInt8](repeating: 65, count: 65), type: 2),
        .field("a role's bad name", 1, [0x20], type: 2), .field("a role's bad time", 9, time(-1), type: 2),
        .field("a blob's bad time", 11, [1], type: 4), .field("a blob's bad id", 2, [1], type: 4),
        .field("an unknown record's bad id", 2, [1], type: 200), .field("tag 0", 0, [1]),
    ]

    static let shapes: [BrokenContent] = [
        .records("a tombstone without an id", [TestRecord(type: 3, fields: [(11, time(1))])]),
        .records("a tombstone without a time", [TestRecord(type: 3, fields: [(2, TestRecord.id(1))])]),
        .records("an unknown record without an id", [TestRecord(type: 99, fields: [(5, [1])])]),
        .records("no fields at all", [TestRecord(type: 99, fields: [])]),
        .records("a field twice", [twice]), .records("fields out of order", [turned]),
        .records("two records of one id", [key, .accessKey(1, name: "other")]),
        .records("records out of order", [.accessKey(2), key]),
        .records("two entries of one name", [key, .accessKey(2, name: "key-1")]),
        .records("a role of an entry's name", [key, .role(2, name: "key-1")]),
        .records("a record that is too long", [lengthened(by: 1)]),
        .records("a record that is too short", [lengthened(by: .max)]),
        .records("a record longer than 2 GiB", [lengthened(by: 0x8000_0000)]),
        .content("fewer records than there are", TestContent(records: [key, .accessKey(2)], count: 1)),
        .content("more records than there are", TestContent(records: [key], count: 2)),
        .content("4,097 records", TestContent(records: tombstones(4097))),
        .content("four thousand million records", TestContent(records: [key], count: .max)),
        .content("65 ancestors", TestContent(ancestors: ancestors(65))),
        .content("bytes after the last record", TestContent(records: [key], end: [0])),
        .content("a version to come", TestContent(version: 2)),
        .content("version 0", TestContent(version: 0)),
        BrokenContent(testDescription: "nothing", bytes: padded([])),
        BrokenContent(testDescription: "a version alone", bytes: padded([1, 0])),
        BrokenContent(testDescription: "ancestors that are not there", bytes: padded([1, 0, 64, 0, 1, 2])),
    ]

    static let lacking: [BrokenContent] =
        [1, 2, 3, 4, 9, 11].map { .records("an access key without field \($0)", [key.without($0)]) }
        + [1, 2, 9, 11, 33, 34].map {
            .records("a role without field \($0)", [TestRecord.role(1).without($0)])
        }
        + [1, 2, 9, 11].map { .records("a blob without field \($0)", [TestRecord.blob(1).without($0)]) }

    static let paddings: [BrokenContent] = [
        BrokenContent(testDescription: "no padding", bytes: [UInt8](repeating: 0, count: 16 << 10)),
        BrokenContent(testDescription: "a larger size than needed", bytes: larger(32 << 10)),
        BrokenContent(testDescription: "a size that is none", bytes: larger(24 << 10)),
        BrokenContent(testDescription: "a smaller size than any", bytes: TestContent().bytes + [0x80]),
        BrokenContent(
            testDescription: "something after the padding", bytes: larger(16 << 10).dropLast() + [1]),
    ]

    @Test("content that breaks a rule is refused", arguments: values + shapes + lacking + paddings)
    func refused(content: BrokenContent) throws {
        let refused = reason { _ = try read(content.bytes) }
        switch refused {
        case .damaged(let text), .unsupported(let text):
            #expect(text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        default: Issue.record("accepted, or refused for \(String(describing: refused))")
        }
    }

    @Test("a content version to come is not called damage")
    func version() {
        let refused = reason { _ = try TestContent(version: 2).read() }
        #expect(refused == .unsupported("content version 2"))
    }

    @Test("content at the edge of every rule is accepted")
    func accepted() throws {
        var full = Self.key.with(1, Array(("a._@+/-0" + String(repeating: "Z", count: 120)).utf8))
        full = full.with(3, [UInt8](repeating: 65, count: 128)).with(4, [UInt8](repeating: 0x7E, count: 4096))
        full = full.with(5, [UInt8](repeating: 0x20, count: 6144)).with(7, Array("012345678901".utf8))
        full = full.with(6, time(253_402_300_799)).with(10, time(0)).with(
            14, Array("é€😀\u{A0}\u{10FFFF}".utf8))
        full = full.with(15, [255, 255, 255, 255]).with(42, [UInt8](repeating: 0, count: 1 << 20))
        full = full.with(12, [UInt8](repeating: 65, count: 4096)).with(65_535, [0])
        let same = TestRecord(type: 200, fields: [(1, Array("key-2".utf8)), (2, TestRecord.id(3))])
        let records = [full, .accessKey(2), same, .role(4, name: "role"), .tombstone(5, changedAt: 0)]
        let content = TestContent(ancestors: Self.ancestors(64), records: records)
        let contents = try content.read()
        #expect(contents.count == 2 && contents.ancestors == Self.ancestors(64))
        #expect(try encoded(contents) == padded(content.bytes))
    }

    @Test("what sessions, roles and rotations have added is accepted at both ends of every rule")
    func acceptedEnds() throws {
        func letters(_ count: Int) -> [UInt8] { [UInt8](repeating: 65, count: count) }
        func lines(_ count: Int, _ line: String) -> [UInt8] {
            Array(Array(repeating: line, count: count).joined(separator: "\n").utf8)
        }
        let ends: [(UInt16, [UInt8], [UInt8])] = [
            (16, [1], [2]), (17, TestRecord.id(0), TestRecord.id(65_535)), (18, letters(1), letters(512)),
            (19, letters(1), letters(512)), (20, letters(1), letters(1024)), (21, letters(1), letters(256)),
            (22, [UInt8](repeating: 0, count: 10), [UInt8](repeating: 255, count: 128)),
            (23, little(UInt32(900)), little(UInt32(129_600))), (24, [1], [255]),
            (25, time(0), time(253_402_300_799)), (26, lines(1, "A"), lines(16, "A")),
            (27, letters(16), letters(128)), (28, letters(1), letters(4096)),
            (29, time(0), time(253_402_300_799)), (30, time(0), time(253_402_300_799)),
            (31, time(0), time(253_402_300_799)), (32, time(0), time(253_402_300_799)),
        ]
        let roleEnds: [(UInt16, [UInt8], [UInt8])] = [
            (13, letters(1), letters(4096)), (18, letters(1), letters(512)), (20, letters(1), letters(1024)),
            (21, letters(1), letters(256)), (23, little(UInt32(900)), little(UInt32(43_200))),
            (33, letters(1), letters(2048)), (34, TestRecord.id(0), TestRecord.id(65_535)),
            (35, letters(2), letters(1224)), (36, letters(1), letters(2048)),
            (37, lines(1, "A"), lines(10, "A")), (38, lines(50, "A"), letters(24 << 10)),
            (39, lines(50, "A"), letters(8 << 10)), (40, letters(2), letters(64)),
            (41, letters(2), letters(64)),
        ]
        func record(_ start: TestRecord, _ ends: [(UInt16, [UInt8], [UInt8])], _ isFar: Bool) -> TestRecord {
            ends.reduce(start) { $0.with($1.0, isFar ? $1.2 : $1.1) }
        }
        let content = TestContent(records: [
            record(.accessKey(1), ends, false), record(.accessKey(2), ends, true),
            record(.role(3, name: "near"), roleEnds, false), record(.role(4, name: "far"), roleEnds, true),
        ])
        let contents = try content.read()
        #expect(contents.count == 2 && contents.roles.count == 2)
        #expect(try encoded(contents) == padded(content.bytes))
    }

    @Test("4,096 records are read")
    func most() throws {
        let contents = try TestContent(records: Self.tombstones(4096)).read()
        #expect(contents.records.count == 4096)
    }

    static func ancestors(_ count: Int) -> [[UInt8]] {
        (0..<count).map { [UInt8](repeating: UInt8($0), count: 32) }
    }

    private static func tombstones(_ count: UInt16) -> [TestRecord] {
        (0..<count).map { .tombstone($0, changedAt: 1) }
    }

    private static var twice: TestRecord {
        TestRecord(type: 1, fields: key.fields + [(11, time(1))])
    }

    private static var turned: TestRecord {
        var record = key
        record.fields.swapAt(4, 5)
        return record
    }

    private static func lengthened(by error: UInt32) -> TestRecord {
        var record = key
        record.lengthError = error
        return record
    }

    private static func larger(_ size: Int) -> [UInt8] {
        let content = TestContent().bytes + [0x80]
        return content + [UInt8](repeating: 0, count: size - content.count)
    }
}
