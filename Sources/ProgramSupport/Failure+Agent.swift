package import AgentProtocol
import DurableFiles
import Platform

extension Failure {
    package init(_ error: AgentError) {
        let path = (try? AgentAddress())?.path.printable ?? "SEALRING_AGENT_SOCKET"
        let alone = "work without it with --no-agent"
        switch error {
        case .absent: self.init(.unavailable, "no agent runs", hint: "start it with 'sealring unlock'")
        case .path(.tooLong):
            self.init(
                .usage, "the path of the agent's socket has more than \(AgentAddress.pathLimit) bytes",
                hint: "set SEALRING_AGENT_SOCKET to a shorter one")
        case .path(.relative):
            self.init(.usage, "SEALRING_AGENT_SOCKET is not an absolute path", hint: "begin it with '/'")
        case .path(.noHome):
            self.init(.missing, "HOME names no directory", hint: "set HOME, or SEALRING_AGENT_SOCKET")
        case .untrusted(let fault):
            self = .untrusted(fault, path, asRoot: geteuid() == 0)
        case .malformed:
            self.init(
                .unavailable, "the agent at \(path) gave no proper answer",
                hint: "restart it with 'sealring lock --stop' and 'sealring unlock'")
        case .timeout:
            self.init(.unavailable, "the agent at \(path) does not answer", hint: alone)
        case .abandoned: self.init(.inputOutput, "")
        case .tooLong: self.init(.malformed, "this is more than the agent takes at once", hint: alone)
        case .system(let call, let code):
            self.init(
                .unavailable, "the agent at \(path) cannot be reached: \(call): \(describe(errno: code))",
                hint: alone)
        case .memory(let error): self.init(error)
        }
    }
}

extension Failure {
    /// A socket that is not ours alone; under `sudo` it may be that of the user whose home it is in.
    package static func untrusted(_ fault: AgentError.Fault, _ path: String, asRoot: Bool) -> Failure {
        let isForeign = [.directoryOwner, .socketOwner, .peer].contains(fault)
        return Failure(
            .notPermitted, "the agent's socket \(path) is not to be trusted: \(fault.text)",
            hint: isForeign && asRoot ? asThatUser : "remove it, or work without it with --no-agent")
    }
}

extension AgentError.Fault {
    fileprivate var text: String {
        switch self {
        case .notDirectory: "what should be its directory is none"
        case .directoryOwner: "its directory belongs to another user"
        case .directoryPermissions: "others may write to its directory"
        case .socketOwner: "it belongs to another user"
        case .notSocket: "it is not a socket"
        case .peer: "another user listens there"
        }
    }
}
