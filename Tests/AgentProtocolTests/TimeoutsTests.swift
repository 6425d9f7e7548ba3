import Testing

@testable import AgentProtocol

@Suite("Whoever waits for another waits longer")
struct TimeoutsTests {
    @Test("a client waits longer than the agent lets a request wait, and the agent than AWS may take")
    func sessions() {
        #expect(Timeouts.waitingAnswer > Timeouts.waiting)
        #expect(Timeouts.waiting > Timeouts.lease)
        #expect(Timeouts.lease > Timeouts.leaseExchange)
        // What waits for a lease that came to nothing still gets one of its own.
        #expect(Timeouts.waiting >= 2 * Timeouts.lease)
        // One lease, at the least, fits into what an AWS client waits for.
        #expect(Timeouts.credentials > Timeouts.lease)
        // A program that asks through the library learns why its answer did not come.
        #expect(Timeouts.fetch > Timeouts.waitingAnswer)
    }

    @Test("a client waits longer for its own request than the program that carries it may take")
    func calls() { #expect(Timeouts.callExchange > Timeouts.call) }

    @Test("an answer that waits for nobody comes sooner than all others")
    func answers() {
        #expect(Timeouts.answer < Timeouts.waitingAnswer && Timeouts.answer < Timeouts.credentials)
        #expect(Timeouts.endingAgent < Timeouts.answer)
    }

    @Test("the program that asks outlives its question")
    func questions() { #expect(Timeouts.prompt > Timeouts.question) }
}
