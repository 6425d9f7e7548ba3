package import AgentProtocol
package import CredentialVault
import DurableFiles

/// An agent of this user, as it registered itself.
package struct RegisteredAgent {
    /// Nil for one that this process cannot see.
    package let process: Int32?
    /// Where it listens; nil when it has not said so.
    package let address: AgentAddress?
    /// The path of its vault as it wrote it; empty when it has not.
    package let vault: String
    /// The file of the registration, which the kernel is asked about.
    private let path: String

    /// The agents that hold this vault or share the state directory, whatever the environment says of sockets.
    package static func all(for location: VaultLocation) throws -> [RegisteredAgent] {
        let vault = try Paths.absolute(location.path)
        var found = [RegisteredAgent(vault + String(describing: AgentRegistration.suffix))].compactMap(\.self)
        let folder = try Paths.absolute(location.stateDirectory) + "/agents"
        // Without such a directory no agent has registered in it.
        let names = (try? Directory(folder).names()) ?? []
        for name in names.sorted().prefix(limit) {
            guard let agent = RegisteredAgent(folder + "/" + name),
                !found.contains(where: { $0.process == agent.process })
            else { continue }
            found.append(agent)
        }
        return found
    }

    /// The most registrations that are looked at.
    private static let limit = 256

    private init?(_ path: String) {
        var vault = ""
        let registration = unsafe path.withCString { path in
            unsafe AgentRegistration(path: path) { unsafe vault = String(decoding: $0, as: UTF8.self) }
        }
        guard let registration else { return nil }
        if case .process(let process) = registration.holder { self.process = process } else { process = nil }
        address = registration.address
        self.vault = vault
        self.path = path
    }

    /// Whether the same process still holds the registration, so that its number is not another's by now.
    package var isCurrent: Bool {
        guard let now = RegisteredAgent(path) else { return false }
        return now.process == process && process != nil
    }
}
