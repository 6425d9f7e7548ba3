import SecureMemory
import TestSupport
import Testing

@testable import CredentialVault

@Suite("Round trips")
struct RoundTripTests {
    @Test("whatever content the format allows is written as it was read", arguments: 0..<60)
    func content(number: Int) throws {
        var random = SeededRandom(run: number)
        let content = random.content()
        let bytes = padded(content.bytes)
        let contents = try read(bytes)
        #expect(try encoded(contents) == bytes, "seed \(random.seed)")
        let keys = content.records.filter { $0.type == 1 }
        #expect(contents.names == keys.map(\.nameText).sorted(), "seed \(random.seed)")
        for key in keys {
            let secrets = try contents.secrets(of: key.nameText)
            let found = [[UInt8](secrets.secretAccessKey), exposed(secrets.sessionToken)]
            #expect(found == [key.value(4), key.value(5)], "seed \(random.seed)")
            let entry = contents.entry(named: key.nameText)
            #expect(entry?.note.map { Array($0.utf8) } == key.value(14), "seed \(random.seed)")
            #expect(entry?.expiration.map(little) == key.value(6), "seed \(random.seed)")
            #expect(entry?.exposeFor.map(little) == key.value(15), "seed \(random.seed)")
        }
    }

    @Test("whatever is done to entries, a saved vault holds what it should", arguments: 0..<20)
    func changes(number: Int) throws {
        var random = SeededRandom(run: number)
        let scratch = Scratch()
        try scratch.seal()
        var vault = try scratch.open()
        var expected: [String: String] = [:]
        var removed = 0
        for round in 0..<4 {
            try vault.update { contents in
                for _ in 0..<Int.random(in: 1...12, using: &random) {
                    removed += try random.change(&contents, &expected)
                }
            }
            let opened = try scratch.open()
            let names = opened.contents.names
            #expect(names == expected.keys.sorted(), "seed \(random.seed), round \(round)")
            #expect(vault.contents.entries == opened.contents.entries, "seed \(random.seed), round \(round)")
            for name in names {
                #expect(try opened.contents.secretText(of: name) == expected[name], "seed \(random.seed)")
            }
            let tombstones = opened.contents.records.count(where: \.isTombstone)
            #expect(tombstones == removed, "seed \(random.seed), round \(round)")
        }
    }
}

extension TestRecord {
    fileprivate func value(_ tag: UInt16) -> [UInt8]? { fields.first { $0.tag == tag }?.value }
    fileprivate var nameText: String { String(decoding: value(1) ?? [], as: UTF8.self) }
}

extension SeededRandom {
    /// Numbers of one of many runs of a test.
    fileprivate init(run: Int) { self.init(seed: SeededRandom().seed &+ UInt64(run)) }

    fileprivate mutating func content() -> TestContent {
        let ancestors = (0..<Int.random(in: 0...64, using: &self)).map { _ in bytes(32...32) }
        var ids = Set((0..<Int.random(in: 0...40, using: &self)).map { _ in bytes(16...16) })
        // Ids that differ in one byte alone: every byte counts in their order.
        if let id = ids.first {
            for position in [0, 7, 8, 15] {
                var other = id
                other[position] &+= 1
                ids.insert(other)
            }
        }
        let sorted = ids.sorted { $0.lexicographicallyPrecedes($1) }
        let records = sorted.enumerated().map { record($0.offset, id: $0.element) }
        return TestContent(ancestors: ancestors, records: records)
    }

    private mutating func record(_ number: Int, id: [UInt8]) -> TestRecord {
        var record = TestRecord.accessKey(UInt16(number), name: name(number)).with(2, id)
        switch Int.random(in: 0..<6, using: &self) {
        case 0:
            record = TestRecord.role(UInt16(number), name: "role\(number)").with(2, id)
            for tag in [13, 14, 18, 20, 21, 33, 36, 37, 38, 39] as [UInt16] where Bool.random(using: &self) {
                record = record.with(tag, text(1...200))
            }
            for tag in [35, 40, 41] as [UInt16] where Bool.random(using: &self) {
                record = record.with(tag, text(2...64))
            }
            record = record.with(34, bytes(16...16))
            if Bool.random(using: &self) {
                record = record.with(23, little(UInt32.random(in: 900...43_200, using: &self)))
            }
        case 1: record = TestRecord.tombstone(UInt16(number), changedAt: Int64(number)).with(2, id)
        case 2:
            return TestRecord(type: .random(in: 5...255, using: &self), fields: [(2, id)]).with(
                7, bytes(1...300))
        default:
            record = record.with(4, text(1...4096))
            if Bool.random(using: &self) { record = record.with(5, text(1...6144)) }
            if Bool.random(using: &self) {
                record = record.with(6, time(.random(in: 0...253_402_300_799, using: &self)))
            }
            for tag in [8, 12, 13, 14] as [UInt16] where Bool.random(using: &self) {
                record = record.with(tag, text(1...200))
            }
            if Bool.random(using: &self) { record = record.with(15, bytes(4...4)) }
            for tag in [18, 19, 20, 21, 26, 28] as [UInt16] where Bool.random(using: &self) {
                record = record.with(tag, text(1...200))
            }
            if Bool.random(using: &self) { record = record.with(22, bytes(10...128)) }
            for tag in [25, 29, 30, 31, 32] as [UInt16] where Bool.random(using: &self) {
                record = record.with(tag, time(.random(in: 0...253_402_300_799, using: &self)))
            }
            if Bool.random(using: &self) { record = record.with(16, [.random(in: 1...2, using: &self)]) }
            if Bool.random(using: &self) { record = record.with(17, bytes(16...16)) }
            if Bool.random(using: &self) { record = record.with(24, [.random(in: 1...255, using: &self)]) }
        }
        let isMore = Bool.random(using: &self)
        return isMore ? record.with(.random(in: 42...UInt16.max, using: &self), bytes(1...5000)) : record
    }

    /// One change of the entries, in the vault and in what it should hold; how many records it buried.
    fileprivate mutating func change(
        _ contents: inout VaultContents, _ expected: inout [String: String]
    ) throws -> Int {
        let secret = String(decoding: text(1...60), as: UTF8.self)
        let known = expected.keys.sorted().randomElement(using: &self)
        let new = name(next())
        switch (Int.random(in: 0..<5, using: &self), known) {
        case (0, let name?):
            try contents.remove(name)
            expected[name] = nil
            return 1
        case (1, let name?):
            try contents.change(name) { $0.name = new }
            expected[new] = expected.removeValue(forKey: name)
            return 0
        case (2, let name?):
            try contents.addKey(name, secret: secret, replacing: true)
            expected[name] = secret
            return 1
        case (3, let name?):
            let note = String(decoding: text(1...100), as: UTF8.self)
            try contents.change(name) { $0.note = note }
            return 0
        default:
            try contents.addKey(new, secret: secret)
            expected[new] = secret
            return 0
        }
    }

    /// A name with this number behind its last hyphen, so that other numbers make other names: places in a list
    /// are such, and so are the numbers of one generator, which come again only after 2^64.
    private mutating func name(_ number: some BinaryInteger) -> String {
        let letters = Array("abcXYZ019._@+/-")
        return "n"
            + String(
                (0..<Int.random(in: 0...20, using: &self)).map { _ in
                    letters[.random(in: 0..<15, using: &self)]
                }) + "-\(number)"
    }

    private mutating func bytes(_ counts: ClosedRange<Int>) -> [UInt8] {
        (0..<Int.random(in: counts, using: &self)).map { _ in .random(in: 0...255, using: &self) }
    }

    /// UTF-8 without control characters, of that many bytes.
    private mutating func text(_ counts: ClosedRange<Int>) -> [UInt8] {
        let count = Int.random(in: counts, using: &self)
        let others = ["é", "\u{A0}", "€", "\u{FFFF}", "😀", "\u{10FFFF}"].map { Array($0.utf8) }
        var text: [UInt8] = []
        while text.count < count {
            let other = others[.random(in: 0..<6, using: &self)]
            let isASCII = Int.random(in: 0..<4, using: &self) > 0 || text.count + other.count > count
            text += isASCII ? [.random(in: 0x20...0x7E, using: &self)] : other
        }
        return text
    }
}
