import AgentProtocol
package import CredentialVault
import Platform
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
    /// Nil for an agent that listens at the environment's socket and is not registered.
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
        let deadline = MonotonicClock.milliseconds() + Int64(Timeouts.endingAgent)
        while true {
            var found: [any Error] = []
            let registrations = try RegisteredAgent.all(for: location, failures: &found)
            let replies = AgentRound.ask(registrations.map(\.address), .status) { client in
                do { return Reply.answer(Answer(try client.readStatus(), client.peer)) } catch AgentError
                    .ended
                {
                    return Reply.ended
                }
            }
            if replies.contains(where: { $0?.isEnd ?? false }), MonotonicClock.milliseconds() < deadline {
                usleep(Timeouts.retryInterval)
                continue
            }
            failures += found
            return zip(registrations, replies).map { KnownAgent($0, $1?.answer) }
        }
    }

    /// What a registered agent replies; one that is ending is gone soon.
    private enum Reply {
        case answer(Answer)
        case ended

        var isEnd: Bool {
            if case .ended = self { true } else { false }
        }

        var answer: Answer? {
            if case .answer(let answer) = self { answer } else { nil }
        }
    }

    /// Adds whoever listens at the environment's socket.
    private static func add(_ address: AgentAddress, to found: inout [KnownAgent]) throws {
        do {
            let (client, status) = try AgentClient.waitingForEnd { try probe(address) }
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
        } catch let error as AgentError where [.timeout, .ended].contains(error) {
            // Its queue is full: it is the one that registered there, or nobody knows which.
            guard !found.contains(where: { $0.socket == address.path }) else { return }
            found.insert(KnownAgent(nil, nil, address.path), at: 0)
        }
    }

    /// Connects to the agent that listens, and asks what it is; nil if it does not answer.
    private static func probe(_ address: AgentAddress) throws -> (AgentClient, AgentClient.Status?) {
        let client = try AgentClient(AgentConnection(address, timeout: Timeouts.probe))
        do { return (client, try client.status()) } catch AgentError.ended {
            throw AgentError.ended
        } catch { return (client, nil) }
    }

    /// How many keys and roles its vault has; nil when it does not say so, as earlier versions do not.
    package func counts() -> (keys: UInt32, roles: UInt32)? {
        guard let address = registration?.address ?? (try? AgentAddress()), address.path == socket,
            let answer = try? AgentClient(AgentConnection(address, timeout: Timeouts.probe)).ask(
                CountsRequest())
        else { return nil }
        return (answer.keys, answer.roles)
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

    /// One that has registered nowhere.
    init(process: Int32?, socket: String?, status: AgentClient.Status?, vault: String) {
        self.process = process
        self.socket = socket
        self.status = status
        self.vault = vault
        registration = nil
    }

    private init(_ registration: RegisteredAgent?, _ status: AgentClient.Status?, _ socket: String?) {
        process = registration?.process ?? status.map { Int32(bitPattern: $0.processID) }
        self.socket = socket
        self.status = status
        vault = status?.vault ?? registration?.vault ?? ""
        self.registration = registration
    }
}
