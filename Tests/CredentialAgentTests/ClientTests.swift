import AgentProtocol
import Platform
import SecureMemory
import Testing

@testable import CredentialAgent

/// One connection's deadlines, and what it holds.
struct ClientTests {
    /// A client over a connection whose other end takes nothing that the system does not keep for it.
    private final class Pair {
        let client: Client
        let other: Int32

        init() throws {
            var ends: [Int32] = [0, 0]
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            try #require(unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0)
            client = Client(ends[0], process: 1, number: 1, now: MonotonicClock.milliseconds())
            other = ends[1]
        }

        deinit {
            close(client.descriptor)
            close(other)
        }

        /// Sends answers until one is not taken as a whole.
        func fill() throws {
            var answer = try SecretBuffer(capacity: 64 << 10, limit: 64 << 10)
            let bytes = [UInt8](repeating: 7, count: 60_000)
            _ = try answer.append(bytes.rawSpan)
            for _ in 0..<100 where !client.hasOutput { #expect(try client.send(answer, followedBy: [])) }
            try #require(client.hasOutput)
        }
    }

    private func park(_ client: Client) throws {
        let bytes: [UInt8] = [1, 2, 3]
        try client.park(bytes.rawSpan, Waiting(since: 0, failures: 0))
    }

    @Test("a connection that has asked for nothing yet has five seconds, and one that has may be silent")
    func silent() throws {
        let pair = try Pair()
        #expect(pair.client.deadline == pair.client.lastHeard + 5000)
        pair.client.hasAsked = true
        #expect(pair.client.deadline == nil)
    }

    @Test("a request that has begun, and changes that are not gone on with, have five seconds")
    func begun() throws {
        let client = try Pair().client
        client.hasAsked = true
        client.begunAt = 100
        client.lastHeard = 4000
        #expect(client.deadline == 5100, "bytes that drip in put nothing off")
        client.begunAt = nil
        client.changes = try PendingChanges(headerMAC: [], acceptsRollback: false, lockCount: 0)
        client.noteChanges(isChange: false, 4000)
        #expect(client.deadline == 9000)
    }

    @Test("only changes put the end of changes off, and not for ever")
    func changing() throws {
        let client = try Pair().client
        client.hasAsked = true
        client.noteChanges(isChange: true, 0)
        #expect(client.deadline == nil && client.changing(9000) == 0, "there are none")
        client.changes = try PendingChanges(headerMAC: [], acceptsRollback: false, lockCount: 0)
        client.noteChanges(isChange: false, 1000)
        client.noteChanges(isChange: false, 4000)
        client.lastHeard = 4000
        #expect(client.deadline == 6000 && client.changing(4000) == 3000)
        for now in stride(from: 4000 as Int64, through: 19_000, by: 3000) {
            client.noteChanges(isChange: true, now)
        }
        #expect(client.deadline == 21_000)
        client.changes = nil
        client.noteChanges(isChange: false, 19_500)
        #expect(client.deadline == nil && client.changing(20_000) == 0)
    }

    @Test("an answer that is not taken has five seconds")
    func untaken() throws {
        let pair = try Pair()
        pair.client.hasAsked = true
        let before = MonotonicClock.milliseconds()
        try pair.fill()
        let deadline = try #require(pair.client.deadline)
        #expect(deadline >= before + 5000 && deadline <= MonotonicClock.milliseconds() + 5000)
        #expect(pair.client.sendRest() && pair.client.deadline == deadline, "trying again puts nothing off")
    }

    @Test("an answer that is taken in time puts its end off, and one that was taken has none")
    func taken() throws {
        let pair = try Pair()
        pair.client.hasAsked = true
        try pair.fill()
        var room = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 0..<100 where pair.client.hasOutput {
            _ = unsafe read(pair.other, &room, room.count)
            #expect(pair.client.sendRest())
        }
        #expect(!pair.client.hasOutput && pair.client.deadline == nil)
    }

    @Test("one that waits for AWS has the limit of its waiting, and is counted with what it keeps")
    func parked() throws {
        let client = try Pair().client
        try park(client)
        #expect(client.deadline == nil && client.isHolding && client.held >= 4096)
        client.discardParked()
        #expect(!client.isParked && !client.isHolding && client.held == 0)
    }

    @Test("the secrets of changes and untaken answers are counted")
    func held() throws {
        let pair = try Pair()
        #expect(pair.client.held == 0 && !pair.client.isHolding)
        pair.client.changes = try PendingChanges(headerMAC: [], acceptsRollback: false, lockCount: 0)
        #expect(pair.client.heldLocked >= 4096 && pair.client.isHolding)
        pair.client.changes = nil
        try pair.fill()
        #expect(pair.client.heldLocked >= 4096 && pair.client.isHolding)
    }
}
