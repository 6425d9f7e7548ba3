/// Who asks, and for how long already.
package struct Caller {
    /// What tells this connection from the others.
    package var connection: Int
    /// Set when the request was parked before.
    package var waiting: Waiting?
    /// Whether it may be told to ask AWS; else it is parked.
    package var mayFetch = true

    package init(connection: Int, waiting: Waiting? = nil) {
        self.connection = connection
        self.waiting = waiting
    }
}

/// A request that sessions may have to be fetched for.
struct SessionRequest: ~Escapable {
    let goal: Goal
    /// The name of an entry or a role.
    let name: String
    /// The code of an MFA device; empty for none.
    let code: RawSpan
    let caller: Caller
    let now: AgentState.Moment

    @_lifetime(copy code)
    init(goal: Goal, name: String, code: RawSpan, caller: Caller, now: AgentState.Moment) {
        self.goal = goal
        self.name = name
        self.code = code
        self.caller = caller
        self.now = now
    }
}
