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

    /// For a program that we started and that has nothing more to do, or was killed.
    package static var endingChild: Int32 { 200 }
    /// For one that still asks a person, to give the terminal its echo back.
    package static var endingPrompt: Int32 { 1000 }

    /// How long an agent that is ending is waited for.
    package static var endingAgent: Int32 { 3000 }

    /// Seconds for a question that a person is asked while an AWS client waits: it gives up by itself.
    package static var question: Int { 25 }
    /// Seconds for the program that asks: it is ended when its question did not end.
    package static var prompt: Int { question + 5 }
}
