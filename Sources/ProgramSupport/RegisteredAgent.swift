package import AgentProtocol
package import CredentialVault
import DurableFiles
import Platform
import SecureMemory

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

    /// The agents that hold this vault, share the state directory, or use the default one of this home, whatever
    /// the environment says of sockets.
    ///
    /// - Parameter failures: gets what kept this from looking: an agent may be there all the same.
    package static func all(
        for location: VaultLocation, failures: inout [any Error]
    ) throws -> [RegisteredAgent] {
        var paths = [try Paths.absolute(location.path) + String(describing: AgentRegistration.suffix)]
        var folders = [try Paths.absolute(location.stateDirectory) + "/agents"]
        // A service or a shell may have other XDG variables than the session that the agent was started in.
        if let home = try? Paths.home() { folders.append(home + "/.local/state/sealring/agents") }
        var seen: [[UInt64]] = []
        for folder in folders {
            do {
                guard let names = try names(in: folder, besides: &seen) else { continue }
                paths += names.prefix(limit).map { folder + "/" + $0 }
                if names.count > limit { failures.append(tooMany(folder)) }
            } catch { failures.append(error) }
        }
        var found: [RegisteredAgent] = []
        for path in paths {
            do {
                if let agent = try RegisteredAgent(path), !found.contains(where: { $0.isSame(agent) }) {
                    found.append(agent)
                }
            } catch { failures.append(error) }
        }
        return found
    }

    /// The names of registrations, and of nothing else that somebody put there.
    ///
    /// - Parameter seen: the directories that were looked at, which may have several paths.
    /// - Returns: nil when no agent has registered there, or when it was looked at already.
    private static func names(in folder: String, besides seen: inout [[UInt64]]) throws -> [String]? {
        let status: FileStatus
        let names: [String]
        do throws(FileError) {
            (status, names) = try list(folder)
        } catch {
            switch error {
            case .missing, .notRegular: return nil
            default: throw error
            }
        }
        guard !seen.contains(status.identity) else { return nil }
        seen.append(status.identity)
        let registrations = names.filter(AgentRegistration.isName).sorted()
        // An empty one of another user says nothing about this user's agents.
        if !registrations.isEmpty { try status.requireOwn(folder) }
        return registrations
    }

    private static func list(_ folder: String) throws(FileError) -> (FileStatus, [String]) {
        let directory = try Directory(folder, strict: false)
        return (try directory.handle.status(), try directory.names())
    }

    /// Agents that this process cannot see have no process number to distinguish them.
    private func isSame(_ other: RegisteredAgent) -> Bool {
        guard process == other.process else { return false }
        return process != nil || vault == other.vault && address?.path == other.address?.path
    }

    /// The most registrations that are looked at in one directory.
    package static let limit = 256

    private static func tooMany(_ folder: String) -> Failure {
        Failure(
            .unavailable, "too many files in \(folder.printable) to find every agent",
            hint: "remove the files there whose processes have ended")
    }

    private init?(_ path: String) throws {
        var vault = ""
        let registration: AgentRegistration?
        do throws(AgentRegistration.Obstacle) {
            registration = try AgentRegistration(path: MessageText(path: path)) {
                vault = String(decoding: [UInt8]($0), as: UTF8.self)
            }
        } catch {
            switch error {
            case .foreign(let user): throw FileError.foreignOwner(path: path, uid: user)
            case .system(let code): throw Failure(cannotLook: path, code)
            }
        }
        guard let registration else { return nil }
        if case .process(let process) = registration.holder { self.process = process } else { process = nil }
        address = registration.address
        self.vault = vault
        self.path = path
    }

    package enum Holding: Equatable, Sendable {
        /// The same process holds the registration, so that its number is not another's by now.
        case held
        /// Nobody holds it, or another process.
        case released
        case unknown
    }

    /// Who holds the registration now.
    package var holding: Holding {
        guard let process else { return .unknown }
        do {
            guard let now = try RegisteredAgent(path) else {
                // A file that is gone says nothing of the process.
                return FileStatus.of(path) == nil ? .unknown : .released
            }
            return now.process == process ? .held : .released
        } catch { return .unknown }
    }
}

extension Failure {
    /// It is not known whether an agent holds the file.
    package init(cannotLook path: String, _ code: Int32) {
        let cure: String? =
            switch code {
            case ENOLCK, ENOSYS, EOPNOTSUPP:
                "the file system has no locks: start its lock service, or move the vault and SEALRING_STATE_DIR"
            case EACCES, EPERM: "make it readable for you with 'chmod u+rw'"
            case EMFILE, ENFILE: "close some programs, or raise 'ulimit -n'"
            default: nil
            }
        self.init(
            .unavailable,
            "cannot tell whether an agent holds \(path.printable): \(describe(errno: code).lowercased())",
            hint: cure)
    }
}
