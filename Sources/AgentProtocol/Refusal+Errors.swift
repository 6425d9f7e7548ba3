import Platform

extension Refusal {
    /// Nil when nobody is left to tell.
    package init?(_ error: AgentError, in environment: EnvironmentSource = .process) {
        switch error {
        case .abandoned: return nil
        case .absent: self = .locked
        case .path(.tooLong):
            self.init(
                code: Self.usage, "the path of the agent's socket has more than 107 bytes",
                "set SEALRING_AGENT_SOCKET to a shorter one")
        case .path(.relative):
            self.init(
                code: Self.usage, "SEALRING_AGENT_SOCKET is not an absolute path", "begin it with a slash")
        case .path(.noHome):
            self.init(code: Self.missing, "HOME does not name a directory", "set HOME to an absolute path")
        case .untrusted(let fault): self.init(fault, in: environment)
        case .malformed: self = .agent("sent an invalid answer", in: environment)
        case .ended: self = .agent("closed the connection without an answer", in: environment)
        case .timeout: self = .agent("does not respond", in: environment)
        case .tooLong:
            self.init(
                code: Self.usage, "the path of the vault is too long", "set SEALRING_VAULT to a shorter one")
        case .system(let call, let code):
            self = .agent("cannot be reached: ", in: environment)
            message.append(call)
            message.append(": ")
            message.append(errno: code)
        case .memory:
            self.init(
                code: Self.memory, "could not lock memory for the answer", "raise the limit with 'ulimit -l'")
        }
    }

    private static func agent(_ fault: StaticString, in environment: EnvironmentSource) -> Refusal {
        var refusal = Refusal(
            code: unavailable, "the agent ", "restart it with 'sealring lock --stop' and 'sealring unlock'")
        refusal.appendSocket("at ", in: environment)
        refusal.message.append(fault)
        return refusal
    }

    private init(_ fault: AgentError.Fault, in environment: EnvironmentSource) {
        let cure: StaticString =
            switch fault {
            case .directoryPermissions: "close its directory with 'chmod 700'"
            case .directoryOwner, .notDirectory: "set SEALRING_AGENT_SOCKET to a path in a directory of yours"
            case .socketOwner, .notSocket, .peer: "remove it and run 'sealring unlock'"
            }
        self.init(code: Self.notPermitted, "the agent's socket ", cure)
        appendSocket("", in: environment)
        message.append("cannot be trusted: ")
        switch fault {
        case .notDirectory: message.append("its parent is not a directory")
        case .directoryOwner: message.append("its directory belongs to another user")
        case .directoryPermissions: message.append("others may write to its directory")
        case .socketOwner: message.append("it belongs to another user")
        case .notSocket: message.append("it is not a socket")
        case .peer: message.append("another user listens there")
        }
    }

    private mutating func appendSocket(_ word: StaticString, in environment: EnvironmentSource) {
        do throws(AgentError) {
            let address = try AgentAddress(in: environment)
            message.append(word)
            address.appendPath(to: &message)
            message.append(" ")
        } catch {
            // The sentence is whole without it.
        }
    }
}

extension Refusal {
    package init(_ error: ExchangeError) {
        switch error {
        case .notStarted(let error): self.init(cannotStart: "sealring-aws", error)
        case .noReply, .abandoned:
            self.init(code: Self.unavailable, "sealring-aws gave no reply", "try again")
        case .timeout:
            self.init(
                code: Self.unavailable, "AWS did not answer in time", "check the network, and try again")
        case .memory:
            self.init(
                code: Self.memory, "could not lock memory for a request", "raise the limit with 'ulimit -l'")
        }
    }

    /// A program of ours that was not started.
    package init(cannotStart program: StaticString, _ error: SiblingProgram.StartError) {
        switch error {
        case .missing:
            self.init(
                code: Self.unavailable, "could not find ", "install all programs of Sealring in one directory"
            )
            message.append(program)
        case .untrusted:
            self.init(code: Self.notPermitted, "others may change the program ", "close it with 'chmod go-w'")
            message.append(program)
        case .system(let code): self.init(cannotStart: program, code: code)
        }
    }

    private init(cannotStart program: StaticString, code: Int32) {
        let cure: StaticString =
            switch code {
            // What an old container engine answers for calls that it does not know.
            case EPERM, ENOSYS: "update the container engine, which may forbid the clone3 system call"
            case EAGAIN: "raise the limit on processes, 'ulimit -u'"
            case EACCES: "check that it is executable, and not on a noexec mount"
            default: "try again"
            }
        self.init(code: Self.unavailable, "could not start ", cure)
        message.append(program)
        message.append(": ")
        message.append(errno: code)
    }
}
