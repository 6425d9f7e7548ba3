import SecureMemory
import TestSupport
import Testing

@testable import CredentialVault

@Suite("Tombstones")
struct TombstoneTests {
    let scratch = Scratch()

    @Test("a removed entry leaves its id and the time, and nothing else of it in any file")
    func removal() throws {
        try scratch.seal(TestContent(records: [.accessKey(1), .accessKey(2)]))
        var vault = try scratch.open()
        let start = VaultStore.now()
        try vault.update { try $0.remove("key-1") }
        let opened = try scratch.open()
        #expect(opened.contents.names == ["key-2"] && opened.contents.count == 1)
        let bytes = try encoded(opened.contents)
        let records = opened.contents.records
        let changedAt = try #require(records.first).changedAt
        #expect((start...VaultStore.now()).contains(changedAt))
        let expected = TestContent(
            ancestors: opened.contents.ancestors,
            records: [.tombstone(1, changedAt: changedAt), .accessKey(2)])
        #expect(bytes == padded(expected.bytes))
        #expect(try scratch.names() == ["vault", "vault.lock"])
    }

    @Test("an entry that is replaced gets a new identity, and the old one a tombstone")
    func replacement() throws {
        try scratch.seal(TestContent(records: [.accessKey(1)]))
        var vault = try scratch.open()
        try vault.update { try $0.addKey("key-1", secret: "new", replacing: true) }
        let opened = try scratch.open()
        #expect(try opened.contents.secretText(of: "key-1") == "new")
        let tombstones = opened.contents.records.filter(\.isTombstone)
        #expect(opened.contents.records.count == 2 && tombstones.count == 1)
        #expect(try tombstones.first?.id == recordID(1))
        #expect(try scratch.names() == ["vault", "vault.lock"])
    }

    @Test("a change and a rename keep the identity, and bury nothing")
    func change() throws {
        try scratch.seal(TestContent(records: [.accessKey(1)]))
        var vault = try scratch.open()
        try vault.update { try $0.change("key-1") { $0.name = "renamed" } }
        let opened = try scratch.open()
        #expect(try opened.contents.records.map(\.id) == [recordID(1)])
        #expect(try opened.contents.secretText(of: "renamed") == "made-up secret 1")
        #expect(try scratch.names() == ["vault", "vault.lock", "vault.prev"])
    }

    @Test("they go after a year, and not a day before it")
    func expiry() throws {
        let now: Int64 = 1_800_000_000
        let year: Int64 = 366 * 86_400
        let ages = [0, year - 1, year, year + 1, 3 * year, -100]
        let records = ages.enumerated().map {
            TestRecord.tombstone(UInt16($0.offset), changedAt: now - $0.element)
        }
        var contents = try TestContent(records: records + [.accessKey(99)]).read()
        contents.expireTombstones(now: now)
        let expected = [0, 1, 2, 5].map { records[$0] } + [TestRecord.accessKey(99)]
        #expect(try encoded(contents) == padded(TestContent(records: expected).bytes))
        #expect(contents.names == ["key-99"])
    }

    @Test("the oldest beyond 1,024 go")
    func limit() throws {
        let now = VaultStore.now()
        // In the order of their ids, times go up and down.
        let records = (0..<1100 as Range<UInt16>).map {
            TestRecord.tombstone($0, changedAt: now - Int64($0 % 2 == 0 ? $0 : 3000 - $0))
        }
        try scratch.seal(TestContent(records: records + [.accessKey(5000)]))
        var vault = try scratch.open()
        #expect(vault.contents.records.count(where: \.isTombstone) == 1024)
        let kept = records.map { $0.age(now) }.sorted().prefix(1024)
        let found = vault.contents.records.filter(\.isTombstone).map { now - $0.changedAt }
        #expect(found.sorted() == Array(kept))
        try vault.update { try $0.remove("key-5000") }
        #expect(try scratch.open().contents.records.count == 1024)
    }

    private func recordID(_ number: UInt16) throws -> RecordID {
        RecordID(TestRecord.id(number).rawSpan)
    }
}

extension TestRecord {
    /// How long ago a tombstone was made.
    fileprivate func age(_ now: Int64) -> Int64 { now - fields[1].value.littleEndian(at: 0, as: Int64.self) }
}
