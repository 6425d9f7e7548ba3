import AgentProtocol
import Platform
package import ProgramSupport

/// Ends agents that give no answer, so that a lock never hangs on what their clients do.
package enum AgentEnding {
    /// Ends all of them together.
    ///
    /// - Returns: for each whether it has ended, and the vault key with it. What could not be looked at has not.
    package static func end(_ agents: [RegisteredAgent]) -> [Bool] {
        var ends = agents.map { End($0) }
        defer { for end in ends where end.descriptor >= 0 { close(end.descriptor) } }
        for signal in [SIGTERM, SIGKILL] {
            for end in ends where !end.hasEnded && end.mayBeSignalled {
                _ = platform_signal_process(end.descriptor, signal)
            }
            wait(for: &ends)
        }
        return ends.map(\.hasEnded)
    }

    private struct End {
        /// Stands for the process, whatever becomes of its number; -1 where it cannot be had.
        let descriptor: Int32
        /// Whether the number was still the agent's once the descriptor was there.
        let mayBeSignalled: Bool
        var hasEnded: Bool

        init(_ agent: RegisteredAgent) {
            descriptor = agent.process.map(platform_open_process) ?? -1
            let holding = agent.holding
            mayBeSignalled = holding == .held && descriptor >= 0
            hasEnded = holding == .released
        }
    }

    private static func wait(for ends: inout [End]) {
        let deadline = MonotonicClock.milliseconds() + Int64(Timeouts.endingProcess)
        while true {
            let places = ends.indices.filter { !ends[$0].hasEnded && ends[$0].descriptor >= 0 }
            let left = deadline - MonotonicClock.milliseconds()
            guard !places.isEmpty, left > 0 else { return }
            for ready in AgentRound.poll(places.map { ends[$0].descriptor }, Int32(left)) {
                ends[places[ready]].hasEnded = true
            }
        }
    }
}
