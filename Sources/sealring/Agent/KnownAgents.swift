import AgentProtocol
import CredentialVault
import ProgramSupport

/// An agent of this user, and what it says of itself.
struct KnownAgent {
    /// Nil for one in another container or on another machine.
    let process: Int32?
    let socket: String?
    /// Nil when it gives no answer.
    let status: AgentClient.Status?
    /// The vault that it serves, by its own word or by its registration; empty when neither tells.
    let vault: String
    fileprivate let address: AgentAddress?
    fileprivate let registration: RegisteredAgent?

    /// All agents that can be found: the one of this environment first, then those that registered for the vault
    /// and in the state directory.
    static func all(for location: VaultLocation) throws -> [KnownAgent] {
        try registered(for: location, besides: ofEnvironment())
    }

    /// Those that registered for the vault and in the state directory.
    static func registered(
        for location: VaultLocation, besides first: KnownAgent? = nil
    ) throws -> [KnownAgent] {
        var found = first.map { [$0] } ?? []
        for registration in try RegisteredAgent.all(for: location) {
            let known = found.firstIndex {
                $0.process == registration.process
                    || $0.socket != nil && $0.socket == registration.address?.path
            }
            if let known {
                found[known] = KnownAgent(found[known], registration)
            } else {
                found.append(KnownAgent(registration))
            }
        }
        return found
    }

    /// Milliseconds for one question: an agent that is flooded is not waited for long.
    private static let timeout: Int32 = 1000

    private static func ofEnvironment() throws -> KnownAgent? {
        let address = try AgentAddress()
        do {
            let client = try AgentClient(AgentConnection(address, timeout: timeout))
            return KnownAgent(client, address, nil)
        } catch AgentError.absent {
            return nil
        } catch AgentError.timeout {
            return KnownAgent(nil, address, nil)
        }
    }

    private init(_ registration: RegisteredAgent) {
        let client = registration.address.flatMap { address in
            try? AgentClient(AgentConnection(address, timeout: Self.timeout))
        }
        self.init(client, registration.address, registration)
    }

    private init(_ client: AgentClient?, _ address: AgentAddress?, _ registration: RegisteredAgent?) {
        let status = try? client?.status()
        process = status.map { Int32(bitPattern: $0.processID) } ?? registration?.process ?? client?.peer
        socket = address?.path
        self.status = status
        vault = status?.vault ?? registration?.vault ?? ""
        self.address = address
        self.registration = registration
    }

    private init(_ agent: KnownAgent, _ registration: RegisteredAgent) {
        process = agent.process ?? registration.process
        socket = agent.socket
        status = agent.status
        vault = agent.status == nil ? registration.vault : agent.vault
        address = agent.address
        self.registration = registration
    }

    /// Locks it, and ends it when that was asked for or when it gives no answer.
    ///
    /// - Returns: whether the process was ended for its silence.
    func lock(stopping: Bool) throws -> Bool {
        if let address, let client = try? AgentClient(AgentConnection(address, timeout: Self.timeout)),
            (try? client.ask(stopping ? .stop : .lock)) != nil
        {
            return false
        }
        guard let process else {
            throw Failure(
                .unavailable, "an agent in another container or on another machine holds \(vault.printable)",
                hint: "run 'sealring lock' there")
        }
        let isCurrent = { registration?.isCurrent ?? (connectedProcess() == process) }
        guard AgentEnding.end(process, isCurrent: isCurrent) else {
            throw Failure(
                .unavailable, "the agent does not answer, and process \(process) does not end",
                hint: "end it with 'kill -9 \(process)'")
        }
        return true
    }

    /// Who listens at the socket; nil when that is not known.
    private func connectedProcess() -> Int32? {
        guard let address else { return nil }
        do { return try AgentConnection(address, timeout: Self.timeout).peer } catch { return nil }
    }
}
