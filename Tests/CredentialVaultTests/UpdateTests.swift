import DurableFiles
import Platform
import TestSupport
import Testing

@testable import CredentialVault

private struct Cancelled: Error, Equatable {}

@Suite("Updates")
struct UpdateTests {
    let scratch = Scratch()

    @Test("two writers of one file both have their say, one after the other")
    func twoWriters() throws {
        try scratch.seal(TestContent(records: [.accessKey(1)]))
        var one = try scratch.open()
        var other = try scratch.open()
        try one.update { try $0.addKey("from-one", secret: "1") }
        try other.update { try $0.addKey("from-other", secret: "2") }
        try one.update { try $0.remove("key-1") }
        try other.update { try $0.change("from-other") { $0.note = "seen" } }
        let opened = try scratch.open()
        #expect(opened.contents.names == ["from-one", "from-other"])
        #expect(opened.contents.entry(named: "from-other")?.note == "seen")
        #expect(try opened.contents.secretText(of: "from-one") == "1")
        #expect(try opened.contents.secretText(of: "from-other") == "2")
        #expect(opened.generation == 5 && opened.freshness == .current)
    }

    @Test("an update sees what was written since the vault was opened, and answers with what it returns")
    func newest() throws {
        try scratch.seal()
        var one = try scratch.open()
        var other = try scratch.open()
        try one.update { try $0.addKey("new") }
        #expect(try other.update { $0.names } == ["new"])
        #expect(reason { try other.update { try $0.addKey("new") } } == .nameTaken("new"))
    }

    @Test("an update that throws changes nothing, in memory or on disk")
    func throwing() throws {
        try scratch.seal(TestContent(records: [.accessKey(1), .accessKey(2), .tombstone(3, changedAt: 1)]))
        let before = try scratch.read()
        var vault = try scratch.open()
        let contents = try encoded(vault.contents)
        let header = vault.header
        #expect(throws: Cancelled()) {
            try vault.update { contents in
                try contents.addKey("new")
                try contents.addKey("key-1", secret: "other", replacing: true)
                try contents.change("new") { $0.name = "renamed" }
                try contents.remove("key-2")
                throw Cancelled()
            }
        }
        #expect(vault.contents.names == ["key-1", "key-2"])
        #expect(try encoded(vault.contents) == contents)
        #expect(vault.header == header && vault.freshness == .current)
        #expect(try scratch.read() == before)
        #expect(try scratch.names() == ["vault", "vault.lock"])
        try vault.update { try $0.addKey("after") }
        #expect(try scratch.open().contents.names == ["after", "key-1", "key-2"])
    }

    @Test("a save that fails changes nothing, in memory or on disk, and leaves no temporary")
    func failing() throws {
        try scratch.seal(TestContent(ancestors: [[UInt8](repeating: 1, count: 32)], records: [.accessKey(1)]))
        // The old file cannot be kept under a name that a directory has.
        try #require(unsafe mkdir(scratch("vault.prev"), 0o700) == 0)
        let before = try scratch.read()
        var vault = try scratch.open()
        let contents = try encoded(vault.contents)
        #expect(reason { try vault.update { try $0.addKey("new") } } == .file)
        #expect(try encoded(vault.contents) == contents)
        #expect(vault.generation == 1)
        #expect(try scratch.read() == before)
        #expect(try scratch.names() == ["vault", "vault.lock", "vault.prev"])
        try #require(unsafe rmdir(scratch("vault.prev")) == 0)
        try vault.update { try $0.addKey("new") }
        #expect(try scratch.open().contents.names == ["key-1", "new"])
    }

    @Test("updates that were given up leave no less room for the next one")
    func roomAfterFailure() throws {
        try scratch.seal()
        var vault = try scratch.open()
        for _ in 0..<3 {
            #expect(throws: Cancelled()) {
                try vault.update { contents in
                    for number in 0..<300 { try contents.addLargeKey(number) }
                    throw Cancelled()
                }
            }
        }
        try vault.update { try $0.addKey("small") }
        #expect(try scratch.open().contents.names == ["small"])
    }

    @Test("a change that is tried out is taken back, and answers")
    func tryOut() throws {
        try scratch.seal(TestContent(records: [.accessKey(1)]))
        let before = try scratch.read()
        var vault = try scratch.open()
        let names = try vault.tryOut { contents in
            try contents.addKey("new")
            try contents.remove("key-1")
            return contents.names
        }
        #expect(names == ["new"])
        #expect(vault.contents.names == ["key-1"])
        #expect(reason { try vault.tryOut { try $0.remove("none") } } == .noSuchEntry("none"))
        try vault.update { _ in }
        #expect(try scratch.open().contents.names == ["key-1"])
        #expect(try scratch.read("vault.prev") == before)
    }

    @Test("every save has its own nonce and generation, and keeps the file of before")
    func save() throws {
        try scratch.seal()
        var vault = try scratch.open()
        var nonces: Set<[UInt8]> = []
        for generation in 2...5 as ClosedRange<UInt64> {
            let before = try scratch.read()
            try vault.update { _ in }
            let after = try scratch.read()
            #expect(
                after.littleEndian(at: 32, as: UInt64.self) == generation && vault.generation == generation)
            #expect(after[16..<32] == before[16..<32] && after[44..<48] == before[44..<48])
            #expect(try scratch.read("vault.prev") == before)
            nonces.insert(Array(after[48..<72]))
        }
        #expect(nonces.count == 4)
    }

    @Test("the last 64 states are the ancestors, the newest first")
    func ancestors() throws {
        try scratch.seal()
        var vault = try scratch.open()
        var macs: [[UInt8]] = []
        for _ in 0..<67 {
            macs.insert(vault.header.mac, at: 0)
            try vault.update { _ in }
        }
        let opened = try scratch.open()
        #expect(opened.contents.ancestors == Array(macs.prefix(64)))
        #expect(vault.contents.ancestors == opened.contents.ancestors)
    }

    @Test("a temporary that a killed writer left is swept away")
    func stale() throws {
        try scratch.seal()
        try scratch.write([1], to: ".vault.new-1")
        try scratch.write([1], to: ".other.new-1")
        var vault = try scratch.open()
        try vault.update { _ in }
        #expect(try scratch.names() == [".other.new-1", "vault", "vault.lock", "vault.prev"])
    }
}

extension VaultContents {
    /// Adds an entry of about 12 KiB.
    fileprivate mutating func addLargeKey(_ number: Int) throws {
        var entry = Entry(name: "large-\(number)", accessKeyID: "AKIAIOSFODNN7EXAMPLE")
        entry.note = String(repeating: "n", count: 4096)
        entry.source = entry.note
        try add(entry, secretAccessKey: secret(String(repeating: "s", count: 4096)))
    }
}
