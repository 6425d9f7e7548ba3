package import AgentProtocol
package import CredentialVault
import DurableFiles
import Platform
import ProgramSupport
import SecureMemory

/// An agent's claim on a vault, by which every client finds it whatever its environment is, and which no second
/// agent gets.
///
/// See ``AgentRegistration`` for the files. They are made before the sandbox, and the locks end with the process.
package struct AgentClaim: ~Copyable {
    /// Beside the vault; nil where its directory cannot be written.
    private let vault: FileHandle?
    /// In the state directory, for those who look for agents of whatever vault; nil where it cannot be written.
    private let state: FileHandle?

    package enum Outcome: ~Copyable {
        case claimed(AgentClaim)
        /// Another agent has the vault, and answers at this socket of its own.
        case taken(AgentAddress)
    }

    /// - Parameter end: when it must be made, in milliseconds of `MonotonicClock`.
    package static func make(
        _ location: VaultLocation, _ address: AgentAddress, until end: Int64
    ) throws -> Outcome {
        let content = Array(location.path.utf8) + [0] + Array(address.path.utf8)
        let vault: FileHandle?
        switch try claimVault(location, until: end) {
        case .held(let file): vault = write(content, to: file)
        case .impossible: vault = nil
        case .taken(let other): return .taken(other)
        }
        let folder = location.stateDirectory + "/agents"
        let state = try claimState(folder, content)
        guard vault != nil || state != nil else {
            throw AgentReason.cannotRegister(beside: location.folder, in: folder)
        }
        return .claimed(AgentClaim(vault: vault, state: state))
    }

    /// Removes what can be removed; the locks end with the process.
    package func end() {
        switch state {
        case .some(let file): unsafe unlink(file.path)
        case .none: return
        }
    }

    /// Whether clients still find the registration. One whose files were removed could be locked by nobody else,
    /// and a second agent could take the vault.
    package var isInPlace: () -> Bool {
        // The descriptors stay open as long as the process lives.
        let descriptors = [Self.descriptor(of: vault), Self.descriptor(of: state)].compactMap(\.self)
        return {
            descriptors.allSatisfy { descriptor in
                var status = stat()
                return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
            }
        }
    }

    private static func descriptor(of file: borrowing FileHandle?) -> Int32? {
        switch file {
        case .some(let file): file.descriptor
        case .none: nil
        }
    }

    private enum VaultClaim: ~Copyable {
        case held(FileHandle)
        case taken(AgentAddress)
        /// The directory cannot be written, or its file system has no locks.
        case impossible
    }

    private static func claimVault(_ location: VaultLocation, until end: Int64) throws -> VaultClaim {
        let path = location.path + String(describing: AgentRegistration.suffix)
        let deadline = min(MonotonicClock.milliseconds() + Int64(Timeouts.endingAgent), end)
        while true {
            guard let file = open(path) else { return .impossible }
            if platform_hold_record(file.descriptor) == 0 { return .held(file) }
            guard errno == EAGAIN || errno == EACCES else { return .impossible }
            // Nil when the other one has ended in this moment.
            if let other = try? AgentRegistration(path: MessageText(path: path)) {
                if let address = other.address,
                    try AgentConnection.liveness(address, timeout: Timeouts.probe, until: end) == .answers
                {
                    return .taken(address)
                }
                guard MonotonicClock.milliseconds() < deadline else { throw silent(other.holder) }
            }
            usleep(Timeouts.retryInterval)
        }
    }

    /// Registers in the state directory, and sweeps what dead agents left there.
    ///
    /// - Returns: no file where the directory cannot be written, which the claim beside the vault makes up for.
    private static func claimState(_ folder: String, _ content: [UInt8]) throws -> FileHandle? {
        guard (try? Directory.make(folder)) != nil, unsafe access(folder, W_OK | X_OK) == 0,
            let directory = try? Directory(folder, strict: false),
            let status = try? directory.handle.status(), status.owner == geteuid()
        else { return nil }
        if status.permissions & 0o077 != 0 { try directory.handle.setPermissions(0o700) }
        for other in try directory.names() where AgentRegistration.isName(other) {
            // The lock is held until the file is gone: an agent that made it this moment sees that, and makes
            // another one.
            guard let file = open(folder + "/" + other), platform_hold_record(file.descriptor) == 0,
                try directory.status(of: other)?.identity == file.status().identity
            else { continue }
            try directory.remove(other)
        }
        var code: Int32 = 0
        for _ in 0..<100 {
            // An agent in another container may have the same process number.
            let name = AgentRegistration.name(process: getpid(), random: UInt64.random(in: 0 ... .max))
            let file = try directory.open(name, flags: O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
            if platform_hold_record(file.descriptor) == 0 {
                if try directory.status(of: name)?.identity == file.status().identity {
                    return write(content, to: file)
                }
            } else {
                code = errno
                try? directory.remove(name)
                guard code == EAGAIN || code == EACCES else { break }
            }
        }
        // No locks there: nobody could tell whether the agent lives.
        if code == ENOLCK || code == ENOSYS || code == EOPNOTSUPP || code == EINVAL { return nil }
        throw FileError.system(call: "lock", path: folder, code: code)
    }

    private static func open(_ path: String) -> FileHandle? {
        guard let file = try? FileHandle.open(path, flags: O_RDWR | O_CREAT, mode: 0o600),
            let status = try? file.status(), status.isRegular, status.owner == geteuid(),
            // Others must not be able to hold or rewrite it, whatever the umask or a copy made of it.
            status.permissions & 0o077 == 0 || fchmod(file.descriptor, 0o600) == 0
        else { return nil }
        return file
    }

    /// - Returns: the file; nil when it could not be written, and so tells nobody anything.
    private static func write(_ content: [UInt8], to file: consuming FileHandle) -> FileHandle? {
        guard ftruncate(file.descriptor, 0) == 0 else { return nil }
        do {
            try file.write(content.rawSpan)
        } catch { return nil }
        return file
    }

    private static func silent(_ holder: AgentRegistration.Holder) -> AgentReason {
        switch holder {
        case .process(let process):
            AgentReason.heldByAgent(process: process)
        case .unseen:
            AgentReason.heldElsewhere
        }
    }
}
