import AgentProtocol
import Platform
import SecureMemory

/// Why there are no credentials: what is wrong, the cure, and the exit code, which follows `sysexits.h`.
struct Refusal: ~Copyable {
    let code: Int32
    /// Whether unlocking the vault may help.
    var isLocked: Bool
    /// Whether the code of an MFA device may help.
    let needsCode: Bool
    var message = MessageText(limit: Self.partLimit)
    var cure = MessageText(limit: Self.partLimit)

    /// Two of these and what is between them stay under 1000 bytes.
    private static var partLimit: Int { 480 }

    static var usage: Int32 { 64 }
    private static var missing: Int32 { 66 }
    static var unavailable: Int32 { 69 }
    private static var memory: Int32 { 71 }
    static var inputOutput: Int32 { 74 }
    static var notPermitted: Int32 { 77 }

    init(
        code: Int32, _ message: StaticString, _ cure: StaticString, isLocked: Bool = false,
        needsCode: Bool = false
    ) {
        self.code = code
        self.isLocked = isLocked
        self.needsCode = needsCode
        self.message.append(message)
        self.cure.append(cure)
    }

    /// Takes what is known of a question that brought nothing in place of what had it asked.
    mutating func explain(_ report: consuming PromptReport?) {
        guard let report else { return }
        let hasCure = report.cure.count > 0
        var explained = Refusal(code: report.code, "", "")
        explained.message.append(report.message.bytes)
        if hasCure { explained.cure.append(report.cure.bytes) } else { explained.cure.append(cure.bytes) }
        // Nobody is asked a second question after one that came to nothing.
        self = explained
    }

    /// A person has to say what an MFA device shows.
    static func codeNeeded(_ entry: RawSpan) -> Refusal {
        var refusal = Refusal(
            code: notPermitted, "a code of the MFA device is needed", "give it with 'sealring session ",
            needsCode: true)
        refusal.cure.appendPrintable(entry)
        refusal.cure.append("'")
        return refusal
    }

    static var locked: Refusal {
        Refusal(code: notPermitted, "the vault is locked", "run 'sealring unlock'", isLocked: true)
    }

    /// A program beside this one, that was not started.
    init(cannotStart program: StaticString, _ error: SiblingProgram.StartError) {
        switch error {
        case .missing:
            self.init(
                code: Self.unavailable, "the program ", "install all programs of Sealring into one directory")
            message.append(program)
            message.append(" is not beside this one")
        case .untrusted:
            self.init(
                code: Self.notPermitted, "others may change the program ", "close it with 'chmod go-w'")
            message.append(program)
        case .system(let code): self.init(cannotStart: program, code: code)
        }
    }

    private init(cannotStart program: StaticString, code: Int32) {
        switch code {
        // What an old container engine answers for calls that it does not know.
        case EPERM, ENOSYS:
            self.init(
                code: Self.unavailable, "the system refused to start ",
                "update the container engine, which may forbid the clone3 system call")
        case EAGAIN:
            self.init(code: Self.unavailable, "could not start ", "raise the limit on processes, 'ulimit -u'")
        case EACCES:
            self.init(
                code: Self.unavailable, "could not start ",
                "check that it is executable, and not on a noexec mount")
        default: self.init(code: Self.unavailable, "could not start ", "try again")
        }
        message.append(program)
        message.append(": ")
        message.append(errno: code)
    }

    /// stdout did not take the answer, which was written in one piece and is lost.
    init(cannotWrite code: Int32) {
        self.init(code: Self.inputOutput, "could not write the credentials to stdout: ", "check stdout")
        message.append(errno: code)
    }

    /// Another process traces this one, and could read what it gets.
    init(tracer process: Int32) {
        self.init(
            code: Self.notPermitted, "another process can read this one's memory: process ",
            "end that debugger or tracer, and try again")
        message.append(decimal: Int64(process))
        message.append(" traces it")
    }

    /// Nil when there is a vault, or something else at its place.
    static func noVault() -> Refusal? {
        var refusal = Refusal(code: missing, "no vault at ", "run 'sealring init'")
        guard let path = VaultFile.missingPath() else { return nil }
        refusal.message.appendPrintable(path.bytes)
        return refusal
    }

    /// What the agent answered instead of credentials; nil when it is no proper answer.
    init?(answer frame: inout FrameReader) {
        guard let code = frame.next(UInt32.self), let message = frame.next(), let cure = frame.next(),
            frame.isAtEnd, message.byteCount > 0
        else { return nil }
        self.code = (64...78).contains(code) ? Int32(code) : Self.inputOutput
        isLocked = false
        needsCode = false
        self.message.appendPrintable(message)
        self.cure.appendPrintable(cure)
    }

    /// Nil when nobody is left to tell.
    init?(_ error: AgentError) {
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
            self.init(code: Self.missing, "HOME names no directory", "set HOME to an absolute path")
        case .untrusted(let fault): self.init(fault)
        case .malformed:
            self.init(
                code: Self.unavailable, "the agent gave no proper answer",
                "restart it with 'sealring lock --stop' and 'sealring unlock'")
        case .timeout:
            self.init(
                code: Self.unavailable, "the agent does not answer",
                "restart it with 'sealring lock --stop' and 'sealring unlock'")
        case .tooLong:
            self.init(
                code: Self.usage, "the path of the vault is too long", "set SEALRING_VAULT to a shorter one")
        case .system(let call, let code):
            self.init(code: Self.unavailable, "the agent cannot be reached: ", "see 'sealring status'")
            message.append(call)
            message.append(": ")
            message.append(errno: code)
        case .memory:
            self.init(
                code: Self.memory, "the memory for the answer cannot be locked",
                "raise the limit with 'ulimit -l'")
        }
    }

    private init(_ fault: AgentError.Fault) {
        code = Self.notPermitted
        isLocked = false
        needsCode = false
        message.append("the agent's socket ")
        if let address = try? AgentAddress() {
            address.appendPath(to: &message)
        }
        message.append(" is not to be trusted: ")
        switch fault {
        case .notDirectory: message.append("what should be its directory is none")
        case .directoryOwner: message.append("its directory belongs to another user")
        case .directoryPermissions: message.append("others may write to its directory")
        case .socketOwner: message.append("it belongs to another user")
        case .notSocket: message.append("it is not a socket")
        case .peer: message.append("another user listens there")
        }
        switch fault {
        case .directoryPermissions: cure.append("close its directory with 'chmod 700'")
        case .directoryOwner, .notDirectory:
            cure.append("set SEALRING_AGENT_SOCKET to a path in a directory of yours")
        case .socketOwner, .notSocket, .peer: cure.append("remove it and run 'sealring unlock'")
        }
    }
}
