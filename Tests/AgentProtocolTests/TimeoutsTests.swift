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

    @Test("a program that was given up has ended before the lease that it was to carry")
    func children() {
        #expect(Timeouts.leaseExchange + 2 * Timeouts.endingChild < Timeouts.lease)
        #expect(Timeouts.call + 2 * Timeouts.endingChild < Timeouts.callExchange)
    }

    @Test("the agent gives a whole more time than its parts, and is silent for less than a probe")
    func agent() {
        #expect(Timeouts.request < Timeouts.wholeRequest)
        // A command makes room before it is given up.
        #expect(Timeouts.changes < Timeouts.request)
        // Clients do not wait for an answer of an agent that has given their request up.
        #expect(Timeouts.request <= Timeouts.answer)
        #expect(2 * (Timeouts.sealing + Timeouts.spending) < Timeouts.probe)
    }

    @Test("who starts an agent learns what keeps it from starting, and still has time for a question")
    func starting() {
        #expect(Timeouts.started > Timeouts.starting)
        #expect(Timeouts.starting > Timeouts.endingAgent && Timeouts.starting > Timeouts.predecessor)
        #expect(Timeouts.seconds(Timeouts.started) < Double(Timeouts.question))
    }

    @Test("an agent that is ending is not taken for one that gives no answer")
    func ending() {
        #expect(Timeouts.probe < Timeouts.endingAgent && Timeouts.lastProbe <= Timeouts.endingAgent)
        #expect(Timeouts.predecessor > Timeouts.endingAgent)
    }

    @Test("none of those that are asked together takes the time of the others")
    func rounds() {
        #expect(Timeouts.roundConnection < Timeouts.roundConnections)
        #expect(Timeouts.roundConnections < Timeouts.round && Timeouts.roundAnswer < Timeouts.round)
        #expect(Timeouts.round <= Timeouts.probe)
    }
}
