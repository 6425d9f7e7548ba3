import AgentProtocol
import Platform

/// How the user chose to be asked for the passphrase when the vault is locked.
enum Prompt {
    case tty
    case pinentry

    enum Choice {
        case chosen(Prompt?)
        case unknown
    }

    enum Outcome: ~Copyable {
        case done
        /// Why it came to nothing, where that is known.
        case refused(PromptReport?)
        /// The question could not even be asked.
        case failed(Refusal)
        /// Nobody reads our stdout any more.
        case abandoned
    }

    /// What `SEALRING_PROMPT` says.
    static func chosen() -> Choice {
        guard let value = unsafe EnvironmentBytes("SEALRING_PROMPT") else { return .chosen(nil) }
        if unsafe isEqual(value.bytes, "tty") { return .chosen(.tty) }
        if unsafe isEqual(value.bytes, "pinentry") { return .chosen(.pinentry) }
        return .unknown
    }

    /// What is asked for.
    @safe
    enum Question {
        case passphrase
        /// The code of an MFA device, for a session of this entry or role. The name ends with a zero.
        case code(UnsafeRawBufferPointer)
    }

    /// How an MFA code is asked for: as the user chose, or by the command that the user has set.
    static func forCode(_ chosen: Prompt?) -> Prompt? {
        if let chosen { return chosen }
        return unsafe EnvironmentBytes("SEALRING_MFA_COMMAND") == nil ? nil : .tty
    }

    /// Has `sealring`, from this program's own directory, ask, and use the answer; waits for it.
    func ask(_ question: Question) -> Outcome {
        var child: pid_t = 0
        // It reports through a pipe; other programs that it starts may keep the writing end open.
        var ends: (Int32, Int32) = (-1, -1)
        let isOpen = unsafe withUnsafeMutablePointer(to: &ends) {
            unsafe $0.withMemoryRebound(to: Int32.self, capacity: 2) { unsafe pipe($0) == 0 }
        }
        guard isOpen else { return .failed(Refusal(cannotStart: "sealring", code: errno)) }
        defer { close(ends.0) }
        let refusal = start(question, reportingTo: ends.1, &child)
        close(ends.1)
        if let refusal { return .failed(refusal) }
        let end = MonotonicClock.milliseconds() / 1000 + Int64(Timeouts.prompt)
        while MonotonicClock.milliseconds() / 1000 < end {
            var status: Int32 = 0
            let ended = unsafe waitpid(child, &status, WNOHANG)
            if ended == child { return status == 0 ? .done : .refused(PromptReport(ends.0, status: status)) }
            if ended < 0, errno != EINTR { return .refused(nil) }
            guard !isOutputAbandoned(milliseconds: 20) else {
                Self.stop(child)
                return .abandoned
            }
        }
        Self.stop(child)
        return .refused(.late)
    }

    private var word: StaticString {
        switch self {
        case .tty: "tty"
        case .pinentry: "pinentry"
        }
    }

    /// - Returns: why it could not be started.
    private func start(
        _ question: Question, reportingTo report: Int32, _ child: inout pid_t
    ) -> Refusal? {
        guard let program = Self.sibling("sealring") else {
            return Refusal(cannotStart: "sealring", code: ENOENT)
        }
        guard unsafe program.withPath({ unsafe SiblingProgram.isTrusted($0) }) else {
            return unsafe program.withPath { unsafe access($0, F_OK) } == 0
                ? Refusal(untrusted: "sealring") : Refusal(cannotStart: "sealring", code: ENOENT)
        }
        // Our parent may ignore it, and then we could not wait for the program.
        signal(SIGCHLD, SIG_DFL)
        var actions = unsafe posix_spawn_file_actions_t()
        guard unsafe posix_spawn_file_actions_init(&actions) == 0 else {
            return Refusal(cannotStart: "sealring", code: ENOMEM)
        }
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        // The client reads our stdout until everybody has closed it, and may show or keep our stderr.
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, report, 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        guard unsafe platform_close_other_files(&actions) == 0 else {
            return Refusal(cannotStart: "sealring", code: ENOMEM)
        }
        let result = unsafe program.withPath { path in
            // The last word is nil, as the end.
            var words: (CWord?, CWord?, CWord?, CWord?, CWord?, CWord?)
            switch question {
            case .passphrase:
                unsafe words = (path, Self.word("unlock"), Self.word("--prompt"), Self.word(word), nil, nil)
            case .code(let name):
                let name = unsafe UnsafeMutableRawPointer(mutating: name.baseAddress)?.assumingMemoryBound(
                    to: CChar.self)
                unsafe words = (
                    path, Self.word("session"), Self.word("--prompt"), Self.word(word), name, nil
                )
            }
            return unsafe withUnsafeMutableBytes(of: &words) { words in
                guard let words = unsafe words.assumingMemoryBound(to: CWord?.self).baseAddress else {
                    return EINVAL
                }
                return unsafe posix_spawn(&child, path, &actions, nil, words, environ)
            }
        }
        return result == 0 ? nil : Refusal(cannotStart: "sealring", code: result)
    }

    private typealias CWord = UnsafeMutablePointer<CChar>

    /// A literal ends with a zero, and nobody writes to it.
    private static func word(_ text: StaticString) -> CWord {
        unsafe UnsafeMutableRawPointer(mutating: UnsafeRawPointer(text.utf8Start)).assumingMemoryBound(
            to: CChar.self)
    }

    /// The path of a program in the directory of this one.
    private static func sibling(_ name: StaticString) -> MessageText? {
        var path = MessageText(limit: Int(PATH_MAX))
        unsafe withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { own in
            guard let start = own.baseAddress else { return }
            var end = max(unsafe readlink("/proc/self/exe", start, own.count), 0)
            while end > 0, unsafe own[end - 1] != UInt8(ascii: "/") { end -= 1 }
            unsafe path.append(UnsafeRawBufferPointer(rebasing: own[..<end]))
        }
        guard path.count > 0 else { return nil }
        path.append(name)
        if path.isCut { return nil }
        return path
    }

    /// Ends a child that still asks: first so that it can give the terminal its echo back.
    private static func stop(_ child: pid_t) {
        kill(child, SIGTERM)
        for _ in 0..<50 {
            if waitpid(child, nil, WNOHANG) != 0 { return }
            usleep(20_000)
        }
        kill(child, SIGKILL)
        waitpid(child, nil, 0)
    }
}

/// Waits for this long, or until the reader of our stdout is gone.
private func isOutputAbandoned(milliseconds: Int32) -> Bool {
    var output = pollfd(fd: 1, events: 0, revents: 0)
    return unsafe poll(&output, 1, milliseconds) > 0
}
