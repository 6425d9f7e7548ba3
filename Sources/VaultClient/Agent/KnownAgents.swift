import AgentProtocol
package import CredentialVault
package import ProgramSupport

/// An agent of this user, and what it says of itself.
package struct KnownAgent {
    /// Nil for one in another container or on another machine, and for a socket that nothing is known of.
    package let process: Int32?
    package let socket: String?
    /// Nil when it gives no answer.
    package let status: AgentClient.Status?
    /// The vault that it serves, by its own word or by its registration; empty when neither tells.
    package let vault: String
    /// Nil for whoever listens at the environment's socket and has registered nowhere.
    package let registration: RegisteredAgent?

    /// All agents that can be found: the one of this environment first, then those that registered for the vault
    /// and in the state directory.
    ///
    /// - Parameter failures: gets what kept some from being found.
    package static func all(for location: VaultLocation, failures: inout [any Error]) throws -> [KnownAgent] {
        var found = try registered(for: location, failures: &failures)
        do {
            let address = try AgentAddress()
            let path = address.path
            if let place = found.firstIndex(where: { $0.socket == path && $0.status != nil }) {
                found.insert(found.remove(at: place), at: 0)
            } else {
                try add(address, to: &found)
            }
        } catch {
            // A socket that is not to be trusted must not keep the other agents unlocked.
            failures.append(error)
        }
        return found
    }

    /// Those that registered for the vault, in the state directory or in the default one.
    package static func registered(
        for location: VaultLocation, failures: inout [any Error]
    ) throws -> [KnownAgent] {
        let registrations = try RegisteredAgent.all(for: location, failures: &failures)
        let answers = AgentRound.ask(registrations.map(\.address), .status) { client in
            Answer(try client.readStatus(), client.peer)
        }
        return zip(registrations, answers).map { KnownAgent($0, $1) }
    }

    /// Adds whoever listens at the environment's socket.
    private static func add(_ address: AgentAddress, to found: inout [KnownAgent]) throws {
        do {
            let client = try AgentClient(AgentConnection(address, timeout: Timeouts.probe))
            let status = try? client.status()
            let place = found.firstIndex { agent in
                guard let process = agent.process else { return false }
                return process == client.peer || process == status.map { Int32(bitPattern: $0.processID) }
            }
            if let place {
                let known = found.remove(at: place)
                found.insert(KnownAgent(known.registration, status ?? known.status, address.path), at: 0)
            } else {
                found.insert(KnownAgent(nil, status, address.path), at: 0)
            }
        } catch AgentError.absent {
            return
        } catch AgentError.timeout {
            // Its queue is full: it is the one that registered there, or nobody knows which.
            guard !found.contains(where: { $0.socket == address.path }) else { return }
            found.insert(KnownAgent(nil, nil, address.path), at: 0)
        }
    }

    /// An answer, and the process that listens where it came from.
    private struct Answer {
        let status: AgentClient.Status
        let peer: Int32?

        init(_ status: AgentClient.Status, _ peer: Int32?) {
            self.status = status
            self.peer = peer
        }

        /// Whether it is the registered process that answers: by the kernel's word, or by its own where a service
        /// manager made the socket. Two containers may have two agents at the same path.
        func isOf(_ agent: RegisteredAgent) -> Bool {
            guard let process = agent.process else { return peer == nil && status.vault == agent.vault }
            return peer == process || Int32(bitPattern: status.processID) == process
        }
    }

    private init(_ agent: RegisteredAgent, _ answer: Answer?) {
        let status = answer.flatMap { $0.isOf(agent) ? $0.status : nil }
        self.init(agent, status, agent.address?.path)
    }

    private init(_ registration: RegisteredAgent?, _ status: AgentClient.Status?, _ socket: String?) {
        process = registration?.process ?? status.map { Int32(bitPattern: $0.processID) }
        self.socket = socket
        self.status = status
        vault = status?.vault ?? registration?.vault ?? ""
        self.registration = registration
    }
}
