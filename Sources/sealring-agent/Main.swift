import AgentProtocol
import CredentialAgent
import CredentialVault
import DurableFiles
import Platform
import ProgramSupport
import SecureMemory

/// Holds the vault key while the vault is unlocked. `sealring unlock` starts it; so can systemd.
@main
enum Main {
    static func main() {
        let protections = Sandbox.harden()
        guard ProcessHardening.occupyClosedStreams() else { exit(Failure.Code.inputOutput.rawValue) }
        umask(0o077)
        signal(SIGPIPE, SIG_IGN)
        let allowsUnlockedMemory = CommandLine.arguments.dropFirst() == ["--allow-unlocked-memory"]
        if CommandLine.arguments.count > 1, !allowsUnlockedMemory { usage() }
        // Until the vault is unlocked: where no memory can be locked, not even a request could be read.
        unsafe SecretPages.allowsUnlocked = allowsUnlockedMemory
        do {
            let tracing = ProcessHardening.tracing()
            if case .by(let process) = tracing { throw Failure(tracer: process) }
            let state = tracing == .none ? "none" : "unknown: no /proc"
            try serve(protections + [("tracer", state)])
            exit(0)
        } catch {
            end(error)
        }
    }

    private static func serve(_ protections: [Sandbox.Protection]) throws {
        let null = try FileHandle.open("/dev/null", flags: O_RDWR)
        let named = try Paths.location(vault: nil)
        let location = VaultLocation(
            path: try Paths.absolute(named.path), stateDirectory: try Paths.absolute(named.stateDirectory))
        let inherited = try AgentSocket.inherited()
        let address = try address(of: inherited)
        // The sandbox binds directories, not names: they are there before it.
        try Directory.make(location.folder)
        try Directory.make(location.stateDirectory + "/vaults")
        // Without the others it remembers less.
        for folder in Sandbox.writableFolders(location) { try? Directory.make(folder) }
        platform_raise_descriptor_limit()
        let claim: AgentClaim
        // Whoever starts us waits a little longer, and so learns what is in the way.
        let end = MonotonicClock.milliseconds() + Int64(Timeouts.starting)
        switch try AgentClaim.make(location, address, until: end) {
        case .claimed(let made): claim = made
        case .taken(let other): return try leave(to: other, inherited)
        }
        guard let socket = try listen(address, inherited, until: end) else { return say("ready\n") }
        var protections = protections
        let folder = String(address.path[..<(address.path.lastIndex(of: "/") ?? address.path.startIndex)])
        protections.append(Sandbox.restrictFiles(location, socketDirectory: folder))
        // Whoever started us hears once more of us; no stream of theirs is kept open.
        let starter = fcntl(1, F_DUPFD_CLOEXEC, 3)
        let server = try AgentServer(location, socket, isRegistered: claim.isInPlace) {
            for stream in 0...2 as ClosedRange<Int32> { dup2(null.descriptor, stream) }
            protections.append(Sandbox.restrictCalls())
            return protections
        }
        unsafe SecretPages.allowsUnlocked = false
        say("ready\n", to: starter)
        close(starter)
        server.run()
        socket.remove()
        claim.end()
    }

    private static func address(of inherited: borrowing AgentSocket?) throws -> AgentAddress {
        switch inherited {
        case .some(let socket): socket.address
        case .none: try AgentAddress()
        }
    }

    /// Another agent that has the vault is as good as this one: clients find it. Those of a service manager's
    /// socket would wait for answers that never come.
    private static func leave(to other: AgentAddress, _ inherited: borrowing AgentSocket?) throws {
        switch inherited {
        case .some:
            throw Failure(
                .unavailable, "another agent holds the vault, and listens at \(other.path.printable)",
                hint: "stop it with 'sealring lock --stop', or stop the unit that made this socket")
        case .none: say("ready\n")
        }
    }

    /// - Returns: nil when another agent listens there.
    private static func listen(
        _ address: AgentAddress, _ inherited: consuming AgentSocket?, until end: Int64
    ) throws -> AgentSocket? {
        if let inherited { return inherited }
        switch try AgentSocket.make(address, until: end) {
        case .listening(let socket): return socket
        case .taken: return nil
        }
    }

    private static func usage() -> Never {
        let isAsked = ["--help", "-h", "--version"].contains(CommandLine.arguments[1])
        let text =
            CommandLine.arguments[1] == "--version"
            ? "\(ProgramVersion.text)\n"
            : "usage: sealring-agent [--allow-unlocked-memory]\n\nHolds the vault key while the vault is unlocked. 'sealring unlock' starts it.\n"
        say(text, to: isAsked ? 1 : 2)
        exit(isAsked ? 0 : 64)
    }

    private static func end(_ error: any Error) -> Never {
        let failure: Failure =
            switch error {
            case let error as Failure: error
            case let error as AgentReason: Failure(error)
            case let error as VaultError: Failure(error)
            case let error as FileError: Failure(error)
            case let error as AgentError: Failure(error)
            case let error as SecureMemoryError: Failure(error)
            default: Failure(.inputOutput, "the agent could not start")
            }
        let cure = failure.hint.map { ": \($0)" } ?? ""
        // To whoever waits for us, and to the journal.
        say("\(failure.message)\(cure)\n")
        say("sealring-agent: \(failure.message)\(cure)\n", to: 2)
        exit(failure.code.rawValue)
    }

    private static func say(_ text: String, to descriptor: Int32 = 1) {
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { _ = unsafe write(descriptor, $0.baseAddress, $0.count) }
    }
}
