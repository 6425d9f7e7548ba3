import DurableFiles
import Platform
import TestSupport
import Testing

@testable import CredentialVault

@Suite("Freshness")
struct FreshnessTests {
    let scratch = Scratch()

    /// A state of a vault: its key and its MAC are named by one byte each.
    struct State: Sendable {
        var epoch: UInt32
        var generation: UInt64
        var key: UInt8
        var mac: UInt8

        var header: VaultHeader {
            var header = VaultHeader()
            header.epoch = epoch
            header.generation = generation
            header.setMAC(bytes(mac))
            return header
        }

        func bytes(_ name: UInt8) -> [UInt8] { [UInt8](repeating: name, count: 32) }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let found: State
        var ancestors: [UInt8] = []
        /// Nil when the file is of before a revocation.
        let expected: Freshness?
    }

    static let seen = State(epoch: 2, generation: 20, key: 1, mac: 1)

    static let cases: [Case] = [
        Case(testDescription: "the same file", found: seen, expected: .current),
        Case(
            testDescription: "a successor", found: State(epoch: 2, generation: 23, key: 1, mac: 4),
            ancestors: [3, 2, 1], expected: .current),
        Case(
            testDescription: "a successor with a new key",
            found: State(epoch: 3, generation: 22, key: 2, mac: 4),
            ancestors: [3, 1, 0], expected: .current),
        Case(
            testDescription: "an older file", found: State(epoch: 2, generation: 19, key: 1, mac: 9),
            ancestors: [8], expected: .rollback(seen: 20, found: 19)),
        Case(
            testDescription: "another file of the same generation",
            found: State(epoch: 2, generation: 20, key: 1, mac: 9), ancestors: [8],
            expected: .fork(seen: 20, found: 20)),
        Case(
            testDescription: "a newer file of another line",
            found: State(epoch: 2, generation: 50, key: 1, mac: 9),
            ancestors: [8], expected: .fork(seen: 20, found: 50)),
        Case(
            testDescription: "a new key of another line",
            found: State(epoch: 3, generation: 21, key: 2, mac: 9),
            ancestors: [8], expected: .fork(seen: 20, found: 21)),
        Case(
            testDescription: "an older epoch", found: State(epoch: 1, generation: 19, key: 0, mac: 9),
            expected: nil),
        Case(
            testDescription: "an older epoch of a higher generation",
            found: State(epoch: 1, generation: 90, key: 0, mac: 9), expected: nil),
        Case(
            testDescription: "an older epoch that claims to be a successor",
            found: State(epoch: 1, generation: 21, key: 1, mac: 9), ancestors: [1], expected: nil),
        Case(
            testDescription: "another key of the same epoch",
            found: State(epoch: 2, generation: 21, key: 3, mac: 9),
            ancestors: [1], expected: nil),
    ]

    @Test("a file is compared with what the machine saw last", arguments: cases)
    func compare(given: Case) throws {
        let (found, seen) = (given.found, Self.seen)
        let memory = FreshnessStore.Memory(
            epoch: seen.epoch, generation: seen.generation, keyID: seen.bytes(seen.key),
            mac: seen.bytes(seen.mac))
        let recollection = FreshnessStore.Recollection.known(memory)
        let result = Result {
            try FreshnessStore.compare(
                found.header, keyID: found.bytes(found.key), ancestors: given.ancestors.map(found.bytes),
                with: recollection)
        }
        guard let expected = given.expected else {
            #expect(reason { _ = try result.get() } == .revoked)
            return
        }
        #expect(try result.get() == expected)
    }

    @Test("a machine that never saw the vault has nothing against it")
    func unknown() throws {
        let found = Self.seen
        let freshness = try FreshnessStore.compare(
            found.header, keyID: found.bytes(1), ancestors: [], with: .never)
        #expect(freshness == .current)
    }

    @Test("an older copy is read with a warning, and written only by one who accepts that")
    func rollback() throws {
        try scratch.seal()
        let old = try scratch.read()
        var vault = try scratch.open()
        for name in ["one", "two"] { try vault.update { try $0.addKey(name) } }
        try scratch.write(old)
        var older = try scratch.open()
        let warned = Freshness.rollback(seen: 3, found: 1)
        #expect(older.freshness == warned)
        #expect(reason { try older.update { try $0.addKey("three") } } == .notSuccessor(warned))
        #expect(reason { try older.addRecoveryCode(code()) } == .notSuccessor(warned))
        let rekeyed = reason {
            try older.rekey(passphrase: secret("any"), cost: .cheapest, recoveryCode: nil)
        }
        #expect(rekeyed == .notSuccessor(warned))
        #expect(try scratch.read() == old)
        #expect(older.contents.names.isEmpty)

        try older.update(acceptingRollback: true) { try $0.addKey("three") }
        #expect(older.freshness == .current)
        let opened = try scratch.open()
        #expect(opened.freshness == .current && opened.contents.names == ["three"])
    }

    @Test("reading an older copy or a fork does not make the machine forget")
    func reading() throws {
        try scratch.seal()
        let base = try scratch.read()
        var mine = try scratch.open()
        try mine.update { try $0.addKey("mine") }
        let memory = store(mine.vaultID).recall()
        try scratch.write(base)
        _ = try scratch.open()
        #expect(store(mine.vaultID).recall() == memory)

        let elsewhere = Scratch()
        try elsewhere.write(base)
        var theirs = try elsewhere.open()
        try theirs.update { try $0.addKey("theirs") }
        try scratch.write(elsewhere.read())
        var fork = try scratch.open()
        #expect(fork.freshness == .fork(seen: 2, found: 2))
        #expect(reason { try fork.update { try $0.addKey("x") } } == .notSuccessor(.fork(seen: 2, found: 2)))
        #expect(store(mine.vaultID).recall() == memory)
    }

    @Test("a successor that another machine wrote is remembered when it is read")
    func successor() throws {
        try scratch.seal()
        let elsewhere = Scratch()
        try elsewhere.write(scratch.read())
        let base = try scratch.read()
        _ = try scratch.open()
        var theirs = try elsewhere.open()
        try theirs.update { try $0.addKey("theirs") }
        try scratch.write(elsewhere.read())
        #expect(try scratch.open().freshness == .current)
        try scratch.write(base)
        #expect(try scratch.open().freshness == .rollback(seen: 2, found: 1))
    }

    @Test("a writer that finds an older file than the one it opened does not write")
    func replaced() throws {
        try scratch.seal()
        let old = try scratch.read()
        var vault = try scratch.open()
        try vault.update { try $0.addKey("new") }
        try scratch.write(old)
        #expect(
            reason { try vault.update { try $0.addKey("x") } } == .notSuccessor(.rollback(seen: 2, found: 1)))
        #expect(try scratch.read() == old)
    }

    @Test("a vault that another took the place of is not written")
    func otherVault() throws {
        try scratch.seal()
        var vault = try scratch.open()
        try scratch.seal()
        let other = try scratch.read()
        #expect(reason { try vault.update { try $0.addKey("x") } } == .rekeyedMeanwhile)
        #expect(try scratch.read() == other)
    }

    @Test("a vault that was deleted is missing, and is not made again by a writer that opened it before")
    func deleted() throws {
        try scratch.seal()
        var vault = try scratch.open()
        try #require(unsafe unlink(scratch("vault")) == 0)
        #expect(reason { try vault.update { try $0.addKey("x") } } == .missing)
        #expect(scratch.permissions("vault") == nil)
    }

    @Test("what is remembered is read as it was written, and damage to it is not taken for nothing")
    func memory() throws {
        let store = store([UInt8](repeating: 0xAB, count: 16))
        let seen = FreshnessStore.Memory(
            epoch: 7, generation: 1 << 40, keyID: [UInt8](repeating: 1, count: 32),
            mac: [UInt8](repeating: 2, count: 32))
        #expect(store.recall() == .never)
        try store.write(seen)
        #expect(store.recall() == .known(seen))
        let other = FreshnessStore.Memory(epoch: 8, generation: 1, keyID: seen.keyID, mac: seen.mac)
        try store.write(other) { $0 != .known(seen) }
        #expect(store.recall() == .known(seen))
        let name = "state/vaults/" + String(repeating: "ab", count: 16)
        let bytes = try scratch.read(name)
        #expect(bytes.count == 116)
        let damage = FreshnessStore.Recollection.unusable(
            UnusableMemory(path: scratch(name), reason: .damaged))
        for position in bytes.indices {
            var damaged = bytes
            damaged[position] ^= 0x10
            try scratch.write(damaged, to: name)
            #expect(store.recall() == damage, "byte \(position)")
        }
        for count in [0, 115, 117] {
            try scratch.write(Array((bytes + [0]).prefix(count)), to: name)
            #expect(store.recall() == damage, "\(count) bytes")
        }
    }

    private func store(_ vaultID: [UInt8]) -> FreshnessStore {
        FreshnessStore(stateDirectory: scratch.location.stateDirectory, vaultID: vaultID)
    }
}
