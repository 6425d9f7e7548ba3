import TestSupport
import Testing

@testable import CredentialVault

@Suite("Full vaults")
struct FullVaultTests {
    let scratch = Scratch()

    @Test("a vault of 4,096 entries takes no other, and loses none")
    func records() throws {
        try scratch.seal(TestContent(records: (0..<4096).map { .accessKey($0) }))
        let before = try scratch.read()
        var vault = try scratch.open()
        #expect(reason { try vault.update { try $0.addKey("one-more") } } == .full)
        #expect(vault.contents.count == 4096)
        #expect(try scratch.read() == before)
        #expect(try scratch.open().contents.count == 4096)
        // A change takes no room for another record, and a removed entry makes room for one.
        try vault.update { contents in
            try contents.change("key-7") { $0.note = "changed" }
            try contents.addKey("key-8", secret: "replaced", replacing: true)
            try contents.remove("key-9")
            try contents.addKey("one-more")
        }
        let opened = try scratch.open()
        #expect(opened.contents.count == 4096 && opened.contents.records.count == 4096)
        #expect(try opened.contents.secretText(of: "key-8") == "replaced")
        #expect(
            opened.contents.entry(named: "key-9") == nil && opened.contents.entry(named: "one-more") != nil)
    }

    @Test("the oldest tombstone makes room, and no other record does")
    func tombstones() throws {
        let now = VaultStore.now()
        var records = (0..<4096 as Range<UInt16>).map { TestRecord.accessKey($0) }
        records[10] = .tombstone(10, changedAt: now - 5)
        records[20] = .tombstone(20, changedAt: now - 9)
        records[30] = .role(30)
        var contents = try TestContent(records: records).read()
        try contents.addKey("new")
        #expect(contents.records.count == 4096 && contents.names.count == 4094)
        #expect(contents.records.filter(\.isTombstone).map(\.changedAt) == [now - 5])
        try contents.addKey("newer")
        #expect(reason { try contents.addKey("newest") } == .full)
        #expect(contents.records.count == 4096 && !contents.records.contains(where: \.isTombstone))
    }

    @Test("a vault that would pass 4 MiB is full before anything is written, and loses nothing")
    func size() throws {
        let large = [UInt8](repeating: 9, count: 1 << 20)
        let records = (0..<3).map { TestRecord.accessKey($0).with(42, large) }
        // What is left of the largest body, but for a little.
        let filler = TestRecord.accessKey(3).with(42, [UInt8](repeating: 9, count: (3 << 18) - 1600))
        try scratch.seal(TestContent(records: records + [filler]))
        let before = try scratch.read()
        #expect(before.count == 15 << 18 + 16 + 8192 + 32)
        var vault = try scratch.open()
        let contents = try encoded(vault.contents)
        let note = String(repeating: "n", count: 4000)
        let refused = reason { try vault.update { try $0.change("key-1") { $0.note = note } } }
        #expect(refused == .full)
        #expect(try encoded(vault.contents) == contents)
        #expect(try scratch.read() == before)
        #expect(try scratch.names() == ["vault", "vault.lock"])
        try vault.update { try $0.change("key-1") { $0.note = "short" } }
        #expect(try scratch.open().contents.entry(named: "key-1")?.note == "short")
    }

    @Test("the sizes of a body are the smallest classes that hold the content and a byte")
    func classes() {
        let kibibyte = 1 << 10
        for (content, padded) in [
            (0, 16), (16 * kibibyte - 1, 16), (16 * kibibyte, 32), (32 * kibibyte, 64), (64 * kibibyte, 128),
            (128 * kibibyte, 256), (256 * kibibyte - 1, 256), (256 * kibibyte, 512), (3839 * kibibyte, 3840),
        ] {
            let body = VaultFormat.bodyCount(forContent: content)
            #expect(body == padded * kibibyte + 16, "\(content)")
            #expect(
                VaultFormat.isBodyCount(padded * kibibyte + 16) && !VaultFormat.isBodyCount(padded * kibibyte)
            )
        }
        #expect(VaultFormat.bodyCount(forContent: 3840 * kibibyte) == nil)
    }
}
