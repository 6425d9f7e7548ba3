import Testing

@testable import CredentialAgent

/// How the agent's time and its connections are shared between processes.
struct TurnsTests {
    @Test("a process that has taken time is behind one that has not, and catches up")
    func debt() {
        var turns = Turns()
        turns.charge(1, 1000, 0)
        #expect(turns.debt(1, 0) == 4000 && turns.debt(2, 0) == 0)
        #expect(turns.debt(1, 3000) == 1000 && turns.debt(1, 4000) == 0 && turns.debt(1, 9000) == 0)
        turns.charge(1, 1000, 2000)
        #expect(turns.debt(1, 2000) == 6000)
    }

    @Test("nobody is behind for longer than a second, whatever a request has cost")
    func limit() {
        var turns = Turns()
        for _ in 0..<100 { turns.charge(1, 10_000_000, 5) }
        #expect(turns.debt(1, 5) == Turns.debtLimit)
        turns.charge(2, .min / 8, 5)
        #expect(turns.debt(2, 5) == 0)
    }

    @Test("as many processes as there may be are remembered, and no more")
    func many() {
        var turns = Turns()
        for process in 0..<1500 as Range<Int32> { turns.charge(process, 1_000_000, 0) }
        #expect(turns.debt(1499, 0) > 0)
        #expect((0..<1500 as Range<Int32>).count { turns.debt($0, 0) > 0 } <= 1024)
    }

    private func occupant(
        _ descriptor: Int32, of process: Int32, heard: Int64 = 0, asked: Bool = true, waiting: Bool = false,
        lease: Bool = false
    ) -> Displacement.Occupant {
        .init(
            descriptor: descriptor, process: process, lastHeard: heard, number: Int(descriptor),
            hasAsked: asked,
            isWaiting: waiting, holdsLease: lease)
    }

    @Test("room is made by the process that has most connections, however lately it was heard of")
    func crowd() {
        let crowd = (10..<20 as Range<Int32>).map { occupant($0, of: 1, heard: 100 + Int64($0)) }
        #expect(Displacement.victim(of: crowd + [occupant(1, of: 2, heard: 1)]) == 10)
        // Also when all of them wait for AWS, or do not read their answers.
        let waiting = (10..<20 as Range<Int32>).map { occupant($0, of: 1, heard: 100, waiting: true) }
        #expect(Displacement.victim(of: waiting + [occupant(1, of: 2, heard: 1)]) != 1)
    }

    @Test("of the same process the silent go first, then the oldest, and those that wait last")
    func order() {
        let silent = occupant(1, of: 1, heard: 9, asked: false)
        let old = occupant(2, of: 1, heard: 1)
        let young = occupant(3, of: 1, heard: 5)
        let waiting = occupant(4, of: 1, heard: 0, waiting: true)
        #expect(Displacement.victim(of: [waiting, young, old, silent]) == 1)
        #expect(Displacement.victim(of: [waiting, young, old]) == 2)
        #expect(Displacement.victim(of: [waiting, young]) == 3)
    }

    @Test("one that holds a lease is spared, and so is one that waits alone")
    func spared() {
        let holder = occupant(1, of: 1, lease: true)
        #expect(Displacement.victim(of: [holder]) == nil)
        #expect(Displacement.victim(of: [holder, occupant(2, of: 2, waiting: true)]) == nil)
        #expect(
            Displacement.victim(of: [holder, occupant(2, of: 2), occupant(3, of: 3, waiting: true)]) == 2)
        #expect(Displacement.victim(of: []) == nil)
    }

    @Test("of two that were heard of in the same moment the first goes")
    func ties() {
        #expect(Displacement.victim(of: [occupant(9, of: 1, heard: 5), occupant(3, of: 1, heard: 5)]) == 3)
    }

    @Test("a process with more leases than anybody needs is not spared for them")
    func leases() {
        let leases = (1...9 as ClosedRange<Int32>).map { occupant($0, of: 1, heard: Int64($0), lease: true) }
        #expect(Displacement.victim(of: Array(leases.dropLast())) == nil)
        #expect(Displacement.victim(of: leases) == 1)
    }
}
