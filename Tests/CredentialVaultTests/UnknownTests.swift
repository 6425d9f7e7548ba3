import TestSupport
import Testing

@testable import CredentialVault

/// What a later version wrote is kept as it is.
@Suite("Unknown content")
struct UnknownTests {
    let scratch = Scratch()

    private static let unknown = TestRecord(
        type: 200, fields: [(1, [0, 0xFF]), (2, TestRecord.id(3)), (9, [1]), (500, [1, 2, 3])])
    private static let records: [TestRecord] = [
        TestRecord.accessKey(1).with(33, [0, 0xFF, 10]).with(40_000, [UInt8](repeating: 9, count: 70_000)),
        .role(2, name: "role").with(3, [7]), unknown, .blob(4, name: "key-1").with(77, [1]),
        TestRecord.tombstone(5, changedAt: 2_000_000_000).with(16, [5]),
    ]

    @Test("unknown fields, records, slots and header bits survive a save")
    func save() throws {
        var slot = KeySlot.fresh(type: 4, cost: nil, time: 5).bytes
        slot.replaceSubrange(108..., with: (0..<896).map { UInt8($0 % 251) })
        try scratch.seal(TestContent(records: Self.records)) { header in
            header.setSlot(6, KeySlot(bytes: slot))
            header.setMinor(3)
        }
        var vault = try scratch.open()
        try vault.update { _ in }
        let opened = try scratch.open()
        let expected = TestContent(ancestors: opened.contents.ancestors, records: Self.records)
        #expect(try encoded(opened.contents) == padded(expected.bytes))
        let bytes = try scratch.read()
        #expect(Array(bytes[range(ofSlot: 6)]) == slot)
        #expect(bytes.littleEndian(at: 10, as: UInt16.self) == 3)
    }

    @Test("unknown fields of an entry survive a change of it")
    func change() throws {
        try scratch.seal(TestContent(records: Self.records))
        var vault = try scratch.open()
        try vault.update { contents in
            try contents.change("key-1") {
                $0.name = "renamed"
                $0.exposeFor = 900
            }
        }
        let opened = try scratch.open()
        let entry = opened.contents.entry(named: "renamed")
        let changed = try #require(entry)
        var expected = Self.records
        expected[0] = expected[0].with(1, Array("renamed".utf8)).with(15, little(UInt32(900)))
            .with(11, time(changed.changedAt))
        #expect(
            try encoded(opened.contents)
                == padded(TestContent(ancestors: opened.contents.ancestors, records: expected).bytes))
    }

    @Test("a role is no entry, but its name is taken")
    func role() throws {
        var contents = try TestContent(records: Self.records).read()
        #expect(contents.names == ["key-1"] && contents.count == 1 && contents.entry(named: "role") == nil)
        #expect(reason { try contents.addKey("role") } == .nameTaken("role"))
        #expect(reason { try contents.addKey("role", replacing: true) } == .nameTaken("role"))
        #expect(reason { try contents.change("key-1") { $0.name = "role" } } == .nameTaken("role"))
        #expect(reason { try contents.change("role") { $0.note = "x" } } == .noSuchEntry("role"))
        #expect(reason { _ = try contents.secretText(of: "role") } == .noSuchEntry("role"))
        #expect(try encoded(contents) == padded(TestContent(records: Self.records).bytes))
    }
}

extension VaultHeader {
    /// What only a later version would write.
    fileprivate mutating func setMinor(_ minor: UInt16) {
        var bytes = self.bytes
        bytes.setLittleEndian(minor, at: 10)
        bytes.setLittleEndian(UInt32(16 << 10 + 16), at: 40)
        bytes.setLittleEndian(UInt64(1), at: 32)
        guard let header = try? VaultHeader(parsing: bytes) else { return }
        self = header
    }
}
