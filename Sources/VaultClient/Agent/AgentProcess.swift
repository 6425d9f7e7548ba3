import AgentProtocol
package import CredentialVault
import DurableFiles
import Platform
import ProgramSupport
import SecureMemory

/// Starts the agent, the program of that name beside this one.
package enum AgentProcess {
    /// The agent that serves the vault. One that serves another vault and is locked is replaced.
    ///
    /// - Parameter allowingUnlockedMemory: whether a new one may start where no memory can be locked.
    package static func connectOrStart(
        for location: VaultLocation, allowingUnlockedMemory: Bool = false
    ) throws -> AgentClient {
        try AgentClient.waitingForEnd {
            try connectOrStartOnce(for: location, allowingUnlockedMemory: allowingUnlockedMemory)
        }
    }

    private static func connectOrStartOnce(
        for location: VaultLocation, allowingUnlockedMemory: Bool
    ) throws -> AgentClient {
        let path = try Paths.absolute(location.path)
        if let client = try AgentClient.connect(for: location) {
            let status = try client.status()
            if Paths.isSameVault(status.vault, path) { return client }
            guard status.isLocked else {
                throw Failure(
                    .busy, "the agent has another vault unlocked, \(status.vault.printable)",
                    hint: "stop it with 'sealring lock --stop'")
            }
            try client.stop()
        }
        try start(path, allowingUnlockedMemory ? ["--allow-unlocked-memory"] : [])
        guard let client = try AgentClient.connect(for: location) else { throw AgentError.absent }
        return client
    }

    /// Starts an agent with a session and an environment of its own, and waits until it listens.
    private static func start(_ vault: String, _ arguments: [String]) throws {
        let variables = try environment(vault)
        let program = try HelperProgram.sibling("sealring-agent")
        guard SiblingProgram.isTrusted(MessageText(path: program)) else { throw Failure(untrusted: program) }
        let output: FileHandle
        do throws(ChildProcess.StartError) {
            let pipe = try ChildProcess.Pipe()
            _ = try ChildProcess.start(
                CWords([program] + arguments), environment: CWords(variables),
                streams: ChildProcess.Streams(
                    input: .null, output: .descriptor(pipe.writing), errors: .null),
                isDetached: true)
            output = FileHandle(adopting: pipe.takeReading(), path: "the agent")
        } catch {
            throw Failure(
                cannotStart: program, code: error.code, alternative: "work without it with --no-agent")
        }
        let answer = try output.readAll(limit: 1024, seconds: Timeouts.seconds(Timeouts.started))
        let line = String(decoding: [UInt8](answer.bytes), as: UTF8.self)
        let text = String(line.prefix { $0 != "\n" }).printable
        guard text != "ready" else { return }
        throw Failure(
            .unavailable, text.isEmpty ? "the agent exited immediately" : "the agent did not start: \(text)",
            hint: "work without it with --no-agent")
    }

    /// Only what tells the agent where things are.
    private static func environment(_ vault: String) throws -> [String] {
        var variables = [
            "SEALRING_VAULT=\(vault)", "SEALRING_STATE_DIR=\(try Paths.absolute(Paths.stateDirectory()))",
        ]
        for name in ["HOME", "USER", "LOGNAME", "XDG_RUNTIME_DIR", "SEALRING_AGENT_SOCKET"] {
            if let value = Environment.value(name) { variables.append("\(name)=\(value)") }
        }
        return variables
    }
}
