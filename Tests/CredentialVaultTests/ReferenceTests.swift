import SecureMemory
import TestSupport
import Testing

@testable import CredentialVault

/// What a change may do to the records that others refer to.
@Suite("References between records")
struct ReferenceTests {
    private static let arn = "arn:aws:iam::123456789012:role/Admin"

    /// Two keys, and `admin`, which is assumed with `prod`.
    private func contents() throws -> VaultContents {
        var contents = try VaultContents()
        try contents.addKey("prod")
        try contents.addKey("other")
        try contents.add(Role(name: "admin", roleARN: Self.arn, source: "prod"))
        return contents
    }

    /// What refuses the change that `body` writes down; nil when nothing does.
    private func refusal(
        _ contents: inout VaultContents, _ body: (inout VaultChanges) throws -> Void
    ) throws -> VaultError.Reason? {
        var changes = try VaultChanges()
        try body(&changes)
        let before = contents.snapshot
        let refused = reason { try changes.apply(to: &contents) }
        if refused != nil { contents.restore(before) }
        return refused
    }

    private func role(_ name: String, _ contents: borrowing VaultContents) throws -> Role {
        let role = contents.role(named: name)
        return try #require(role)
    }

    @Test("what a role is assumed with is removed only with the role, in whatever order")
    func removed() throws {
        for names in [["prod", "admin"], ["admin", "prod"]] {
            var contents = try contents()
            let alone = try refusal(&contents) { try $0.append(.remove, name: "prod") }
            #expect(alone == .inUse("prod", by: "admin", as: .source))
            #expect(contents.names == ["other", "prod"])
            let both = try refusal(&contents) { for name in names { try $0.append(.remove, name: name) } }
            #expect(both == nil && contents.names == ["other"] && contents.roles.isEmpty)
        }
    }

    @Test("the source of a role far down is named with the role that loses it")
    func removedBelow() throws {
        var contents = try contents()
        try contents.add(Role(name: "deep", roleARN: Self.arn, source: "admin"))
        let refused = try refusal(&contents) { try $0.append(.remove, name: "prod") }
        #expect(refused == .inUse("prod", by: "admin", as: .source))
    }

    @Test("a role that is served is removed only when something else is")
    func served() throws {
        var contents = try contents()
        try contents.change("prod") { $0.serve = .role("admin") }
        let alone = try refusal(&contents) { try $0.append(.remove, name: "admin") }
        #expect(alone == .inUse("admin", by: "prod", as: .served))
        var key = try contents.known("prod")
        key.serve = .session
        let changed = key
        let both = try refusal(&contents) { changes in
            try changes.append(.remove, name: "admin")
            try changes.append(.edit, name: "prod", entry: changed)
        }
        #expect(both == nil && contents.roles.isEmpty)
    }

    @Test("a key that is replaced stays the source, and its roles say when")
    func replaced() throws {
        var contents = try TestContent(records: [
            .accessKey(1, name: "prod"), .role(2, name: "admin").with(34, TestRecord.id(1)),
        ]).read()
        let before = try role("admin", contents)
        try contents.addKey("prod", replacing: true)
        let after = try role("admin", contents)
        #expect(after.source == "prod" && after.changedAt > before.changedAt)
        #expect(after.sealedAt == before.sealedAt)
        #expect(reason { try contents.requireReferences() } == nil)
    }

    @Test("a key that replaces another one keeps the seed of the same MFA device, and of no other")
    func seed() throws {
        let record = TestRecord.accessKey(1, name: "prod").with(21, Array("GAHT12345678".utf8))
            .with(22, Array("the sealed seed".utf8))
        for (serial, isKept) in [("GAHT12345678", true), ("GAHT87654321", false), (nil, false)] {
            var contents = try TestContent(records: [record]).read()
            var entry = Entry(name: "prod", accessKeyID: "AKIAI44QH8DHBEXAMPLE")
            entry.mfaSerial = serial
            try contents.add(entry, secretAccessKey: secret("new"), replacing: true)
            #expect(try contents.known("prod").hasOneTimeCodeSeed == isKept)
            #expect(try encoded(contents).contains(Array("the sealed seed".utf8)) == isKept)
            #expect(try contents.secretText(of: "prod") == "new")
        }
    }

    @Test("what other hands left behind stops no other change, and can be changed itself")
    func dangling() throws {
        let gone = TestRecord.id(900)
        var contents = try TestContent(records: [
            TestRecord.accessKey(1).with(16, [2]).with(17, gone),
            .role(2, name: "one").with(34, gone), .role(3, name: "two").with(34, TestRecord.id(2)),
        ]).read()
        #expect(contents.entry(named: "key-1")?.serve == .role(""))
        #expect(try role("one", contents).source == "" && role("two", contents).source == "one")
        #expect(contents.references.faults.count == 3)

        var key = try contents.known("key-1")
        key.note = "seen"
        var one = try role("one", contents)
        one.name = "uno"
        let (newKey, newOne) = (key, one)
        let refused = try refusal(&contents) { changes in
            try changes.append(.edit, name: "key-1", entry: newKey)
            try changes.append(.editRole, name: "one", role: newOne)
        }
        #expect(refused == nil)
        let again = try read(encoded(contents))
        #expect(again.entry(named: "key-1")?.serve == .role(""))
        #expect(try role("two", again).source == "uno")
        #expect(again.records.filter { $0.type != 3 }.count == 3)

        let mended = try refusal(&contents) { changes in
            var one = newOne
            one.source = "key-1"
            try changes.append(.editRole, name: "uno", role: one)
        }
        #expect(mended == nil && contents.references.faults.count == 1)
    }

    @Test("a role that was broken before is not made into a loop")
    func brokenIntoLoop() throws {
        var contents = try TestContent(records: [
            .role(1, name: "one").with(34, TestRecord.id(900)),
            .role(2, name: "two").with(34, TestRecord.id(1)),
        ]).read()
        var one = try role("one", contents)
        one.source = "two"
        let looped = one
        let refused = try refusal(&contents) { try $0.append(.editRole, name: "one", role: looped) }
        #expect(refused == .roleLoop(["one", "two", "one"]))
    }

    @Test("a key whose served role is not told hands out nothing else in its place")
    func servesNothing() throws {
        let records = [TestRecord.accessKey(1).with(16, [2]), .accessKey(2).with(17, TestRecord.id(900))]
        let contents = try TestContent(records: records).read()
        #expect(contents.entries.map(\.serve) == [.role(""), .role("")])
    }
}
