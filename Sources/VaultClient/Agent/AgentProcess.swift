import AgentProtocol
package import CredentialVault
import DurableFiles
import Platform
import ProgramSupport
import SecureMemory

/// Starts the agent, the program of that name beside this one.
package enum AgentProcess {
    private static let seconds = 10.0

    /// The agent that serves the vault. One that serves another vault and is locked is replaced.
    ///
    /// - Parameter allowingUnlockedMemory: whether a new one may start where no memory can be locked.
    package static func connectOrStart(
        for location: VaultLocation, allowingUnlockedMemory: Bool = false
    ) throws -> AgentClient {
        let deadline = MonotonicClock.milliseconds() + 3000
        while true {
            do {
                return try connectOrStartOnce(for: location, allowingUnlockedMemory: allowingUnlockedMemory)
            } catch AgentError.malformed where MonotonicClock.milliseconds() < deadline {
                // The kernel takes connections for an agent that is ending, and nobody answers them.
                usleep(20_000)
            }
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
                    hint: "end it with 'sealring lock --stop'")
            }
            try client.ask(.stop)
        }
        try start(path, allowingUnlockedMemory ? ["--allow-unlocked-memory"] : [])
        guard let client = try AgentClient.connect(for: location) else { throw AgentError.absent }
        return client
    }

    /// Starts an agent with a session and an environment of its own, and waits until it listens.
    private static func start(_ vault: String, _ arguments: [String]) throws {
        let program = try HelperProgram.sibling("sealring-agent")
        guard unsafe SiblingProgram.isTrusted(program) else { throw Failure(untrusted: program) }
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw Failure(.inputOutput, "no pipe for the agent") }
        let output = FileHandle(adopting: ends[0], path: "the agent")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        do {
            defer { close(ends[1]) }
            try spawn([program] + arguments, output: ends[1], environment: try environment(vault))
        }
        let answer = try output.readAll(limit: 1024, seconds: seconds)
        let line = unsafe answer.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
        let text = String(line.prefix { $0 != "\n" }).printable
        guard text != "ready" else { return }
        throw Failure(
            .unavailable, text.isEmpty ? "the agent ended at once" : "the agent did not start: \(text)",
            hint: "work without it with --no-agent")
    }

    private static func spawn(_ words: [String], output: Int32, environment: [String]) throws {
        let program = words[0]
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // Whoever waits for the end of a pipe that we inherited must not wait for the agent.
        unsafe platform_detach_files(&actions)
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        unsafe sigfillset(&signals)
        unsafe posix_spawnattr_setsigdefault(&attributes, &signals)
        unsafe sigemptyset(&signals)
        unsafe posix_spawnattr_setsigmask(&attributes, &signals)
        unsafe posix_spawnattr_setflags(&attributes, platform_detached_flags())
        var child: pid_t = 0
        let result = unsafe CStrings.withPointers(environment) { environment in
            unsafe CStrings.withPointers(words) { arguments in
                unsafe posix_spawn(&child, program, &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else {
            throw Failure(cannotStart: program, code: result, alternative: "work without it with --no-agent")
        }
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
