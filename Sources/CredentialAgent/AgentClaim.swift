package import AgentProtocol
import CPlatform
package import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An agent's claim on a vault, by which every client finds it whatever its environment is, and which no second
/// agent gets.
///
/// See ``AgentRegistration`` for the files. They are made before the sandbox, and the locks end with the process.
package struct AgentClaim: ~Copyable {
    /// Beside the vault; nil where its directory cannot be written.
    private let vault: FileHandle?
    /// In the state directory, for those who look for agents of whatever vault; nil where it cannot be written.
    private let state: FileHandle?
    private let statePath: String

    package enum Outcome: ~Copyable {
        case claimed(AgentClaim)
        /// Another agent has the vault, and answers at its own socket.
        case taken
    }

    /// How long an agent that is ending is waited for, in milliseconds.
    private static let patience: Int64 = 3000

    package static func make(_ location: VaultLocation, _ address: AgentAddress) throws -> Outcome {
        let content = Array(location.path.utf8) + [0] + Array(address.path.utf8)
        let vault: FileHandle?
        switch try claimVault(location) {
        case .held(let file): vault = write(content, to: file)
        case .impossible: vault = nil
        case .taken: return .taken
        }
        let folder = location.stateDirectory + "/agents"
        let name = String(getpid())
        let state = claimState(folder, name, content)
        guard vault != nil || state != nil else {
            throw Failure(
                .inputOutput,
                "the agent cannot register itself in \(location.folder.printable) or in \(folder.printable)",
                hint: "'sealring lock' must find it there: make one of the two writable, or free some space")
        }
        return .claimed(AgentClaim(vault: vault, state: state, statePath: folder + "/" + name))
    }

    /// Removes what can be removed; the locks end with the process.
    package func end() {
        if state != nil { unsafe unlink(statePath) }
    }

    private enum VaultClaim: ~Copyable {
        case held(FileHandle)
        case taken
        /// The directory cannot be written, or its file system has no locks.
        case impossible
    }

    private static func claimVault(_ location: VaultLocation) throws -> VaultClaim {
        let path = location.path + String(describing: AgentRegistration.suffix)
        let deadline = Descriptor.milliseconds() + patience
        while true {
            guard let file = open(path) else { return .impossible }
            if platform_hold_record(file.descriptor) == 0 { return .held(file) }
            guard errno == EAGAIN || errno == EACCES else { return .impossible }
            // Nil when the other one has ended in this moment.
            if let other = unsafe path.withCString({ unsafe AgentRegistration(path: $0) }) {
                if let address = other.address, isAnswered(address) { return .taken }
                guard Descriptor.milliseconds() < deadline else { throw silent(other.holder) }
            }
            usleep(20_000)
        }
    }

    /// Registers in the state directory, and sweeps what dead agents left there.
    private static func claimState(_ folder: String, _ name: String, _ content: [UInt8]) -> FileHandle? {
        do {
            try Directory.make(folder)
            let directory = try Directory(folder)
            for other in try directory.names() where other != name {
                let path = folder + "/" + other
                if unsafe path.withCString({ unsafe AgentRegistration(path: $0) }) == nil {
                    try directory.remove(other)
                }
            }
            // Until it is locked, another agent that starts may sweep the file away.
            for _ in 0..<10 {
                guard let file = open(folder + "/" + name), platform_hold_record(file.descriptor) == 0 else {
                    return nil
                }
                if try directory.status(of: name)?.identity == file.status().identity {
                    return write(content, to: file)
                }
            }
        } catch {
            // The claim beside the vault may do.
        }
        return nil
    }

    private static func open(_ path: String) -> FileHandle? {
        guard let file = try? FileHandle.open(path, flags: O_RDWR | O_CREAT, mode: 0o600),
            let status = try? file.status(), status.isRegular, status.owner == geteuid()
        else { return nil }
        return file
    }

    /// - Returns: the file; nil when it could not be written, and so tells nobody anything.
    private static func write(_ content: [UInt8], to file: consuming FileHandle) -> FileHandle? {
        guard ftruncate(file.descriptor, 0) == 0 else { return nil }
        do {
            try unsafe content.withUnsafeBytes { try unsafe file.write($0) }
        } catch { return nil }
        return file
    }

    private static func isAnswered(_ address: AgentAddress) -> Bool {
        (try? AgentConnection(address, timeout: 1000)) != nil
    }

    private static func silent(_ holder: AgentRegistration.Holder) -> Failure {
        switch holder {
        case .process(let process):
            Failure(
                .unavailable, "another agent holds the vault and does not answer (process \(process))",
                hint: "end it with 'sealring lock'")
        case .unseen:
            Failure(
                .unavailable, "an agent in another container or on another machine holds the vault",
                hint: "end it there with 'sealring lock --stop'")
        }
    }
}
