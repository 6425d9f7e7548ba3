/// How long the programs wait for each other. Whoever waits for another has the longer time, so that an answer, or the
/// reason why there is none, still arrives; a unit test asserts that.
///
/// Milliseconds, where the name says nothing else.
package enum Timeouts {
    /// For a connection to the agent, and for an answer that waits for nobody.
    package static var answer: Int32 { 5000 }
    /// For an answer that waits for AWS, by the agent's own word.
    package static var waitingAnswer: Int32 { 22_000 }
    /// How long the agent lets a request wait for what another client fetches from AWS.
    package static var waiting: Int32 { 20_000 }
    /// For all of what an AWS client waits for; the clients give up after 5 s to 60 s.
    package static var credentials: Int32 { 20_000 }
    /// For all of what a program waits for that asks through the library, unless it says otherwise.
    package static var fetch: Int32 { 25_000 }

    /// How long a lease lasts: then somebody else may have it.
    package static var lease: Int32 { 10_000 }
    /// What the program that speaks to AWS may take for a lease.
    package static var leaseExchange: Int32 { 8000 }
    /// What it may take for a request of the client's own.
    package static var call: Int32 { 20_000 }
    /// How long the client waits for that.
    package static var callExchange: Int32 { 22_000 }

    /// Seconds for a question that a person is asked while an AWS client waits: it gives up by itself.
    package static var question: Int { 25 }
    /// Seconds for the program that asks: it is ended when its question did not end.
    package static var prompt: Int { question + 5 }

    /// For a program that we started and that has nothing more to do, or was killed.
    package static var endingChild: Int32 { 200 }
    /// For one that still asks a person, to give the terminal its echo back.
    package static var endingPrompt: Int32 { 1000 }

    /// Seconds, for what takes those.
    package static func seconds(_ milliseconds: Int32) -> Double { Double(milliseconds) / 1000 }
}

/// What the agent allows its clients.
extension Timeouts {
    /// For a request to arrive, for a part of an answer to be taken, and for a command to go on with its changes.
    package static var request: Int32 { 5000 }
    /// For all of an answer to be taken, also byte by byte, and for all the changes of a command.
    package static var wholeRequest: Int32 { 20_000 }
    /// For changes after which they make room for those of another process.
    package static var changes: Int32 { 2000 }
    /// How long all clients wait while the agent waits for another program that seals sessions.
    package static var sealing: Int32 { 100 }
    /// The same, for one that notes a spent code.
    package static var spending: Int32 { 30 }
}

/// How long agents are waited for that start, end, or may give no answer.
extension Timeouts {
    /// For a process that listens at a socket to say that it lives.
    package static var probe: Int32 { 1000 }
    /// The same, before an agent that starts refuses to take its place.
    package static var lastProbe: Int32 { 3000 }
    /// For an agent that is ending.
    package static var endingAgent: Int32 { 3000 }
    /// For an agent that lost its socket, and was told to end, to release what it holds.
    package static var predecessor: Int32 { 5000 }
    /// For a process after the signal that ends it, and once more after the one that kills it.
    package static var endingProcess: Int32 { 1000 }
    /// For all that an agent waits for before it is ready, whatever the parts take.
    package static var starting: Int32 { 8000 }
    /// How long a client waits until an agent that it starts is ready.
    package static var started: Int32 { 10_000 }

    /// For the answers of all agents that are asked together.
    package static var round: Int32 { 1000 }
    /// For the connections to those of them whose queues are full.
    package static var roundConnections: Int32 { 500 }
    /// For one look at such a queue.
    package static var roundConnection: Int32 { 10 }
    /// For sending to one of them, and for the rest of an answer that has begun.
    package static var roundAnswer: Int32 { 250 }

    /// Microseconds between two tries.
    package static var retryInterval: UInt32 { 20_000 }
}
