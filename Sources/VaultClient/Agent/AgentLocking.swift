import AgentProtocol
import CredentialVault
import Platform
import ProgramSupport

/// Locks agents, and ends those that give no answer.
package struct AgentLocking {
    /// Whether the agents are to end as well.
    package let stopping: Bool
    /// How many were ended for their silence.
    package private(set) var ended = 0
    package private(set) var found = 0
    package var failures: [any Error] = []

    package init(stopping: Bool) { self.stopping = stopping }

    /// The sockets of those that have done it.
    private var answered: Set<String> = []

    /// Locks those that are registered, all together, and ends those of them that do not answer.
    package mutating func lock(_ agents: [KnownAgent]) {
        let registered = agents.filter { $0.registration != nil }
        found += registered.count
        let peers = AgentRound.ask(
            registered.map { $0.registration?.address }, stopping ? .stop : .lock
        ) { client in
            try client.readDone()
            return Peer(process: client.peer)
        }
        var silent: [RegisteredAgent] = []
        for (agent, peer) in zip(registered, peers) {
            // Who answers at the same path may be another agent, in another container.
            if let peer, agent.status != nil || agent.process != nil && peer.process == agent.process {
                if let socket = agent.socket { answered.insert(socket) }
            } else if let registration = agent.registration {
                if registration.process != nil {
                    silent.append(registration)
                } else {
                    failures.append(
                        Failure(
                            .unavailable,
                            "an agent in another container or on another machine holds \(agent.vault.printable)",
                            hint: "run 'sealring lock' there"))
                }
            }
        }
        for (agent, hasEnded) in zip(silent, AgentEnding.end(silent)) {
            if hasEnded { ended += 1 } else { failures.append(Self.doesNotEnd(agent)) }
        }
    }

    private struct Peer {
        let process: Int32?
    }

    private static func doesNotEnd(_ agent: RegisteredAgent) -> Failure {
        let process = agent.process.map { String($0) } ?? "of the agent"
        return Failure(
            .unavailable, "the agent does not respond, and process \(process) could not be stopped",
            hint: "stop it with 'kill -9 \(process)'")
    }

    /// Locks whoever listens at the environment's socket once the registered ones are locked. Without a
    /// registration nobody is ended: the kernel names who made the socket, which may be a service manager.
    package mutating func lockEnvironment() {
        do {
            let address = try AgentAddress()
            guard !answered.contains(address.path) else { return }
            let deadline = MonotonicClock.milliseconds() + Int64(Timeouts.endingAgent)
            while true {
                do {
                    let client = try AgentClient(AgentConnection(address, timeout: Timeouts.probe))
                    try stopping ? client.stop() : client.lock()
                    found += 1
                    return
                } catch AgentError.absent {
                    return
                } catch AgentError.ended where MonotonicClock.milliseconds() < deadline {
                    // It is ending.
                    usleep(Timeouts.retryInterval)
                } catch AgentError.malformed { throw Self.nothingAnswers(address) } catch AgentError.ended {
                    throw Self.nothingAnswers(address)
                } catch AgentError.timeout {
                    throw Self.nothingAnswers(address)
                }
            }
        } catch { failures.append(error) }
    }

    private static func nothingAnswers(_ address: AgentAddress) -> Failure {
        Failure(
            .unavailable, "nothing answers at the socket \(address.path.printable)",
            hint: "if systemd made it, see 'systemctl --user status sealring-agent'; otherwise remove it")
    }
}
