import AgentProtocol
import Platform
import SecureMemory

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
        guard let value = EnvironmentBytes("SEALRING_PROMPT") else { return .chosen(nil) }
        if value.bytes.isSame(as: "tty") { return .chosen(.tty) }
        if value.bytes.isSame(as: "pinentry") { return .chosen(.pinentry) }
        return .unknown
    }

    /// What is asked for.
    enum Question: ~Escapable {
        case passphrase
        /// The code of an MFA device, for a session of this entry or role.
        case code(RawSpan)
    }

    /// How an MFA code is asked for: as the user chose, or by the command that the user has set.
    static func forCode(_ chosen: Prompt?) -> Prompt? {
        if let chosen { return chosen }
        return EnvironmentBytes("SEALRING_MFA_COMMAND") == nil ? nil : .tty
    }

    /// Has `sealring`, from this program's own directory, ask, and use the answer; waits for it.
    func ask(_ question: Question) -> Outcome {
        // Our parent may ignore it, and then we could not wait for the program.
        _ = platform_default_signal(SIGCHLD)
        do throws(SiblingProgram.StartError) {
            // It reports through a pipe; other programs that it starts may keep the writing end open.
            let pipe = try SiblingProgram.pipe()
            // The client reads our stdout until everybody has closed it, and may show or keep our stderr.
            let streams = ChildProcess.Streams(
                input: .null, output: .descriptor(pipe.writing), errors: .null)
            let child = try SiblingProgram.start(
                "sealring", streams: streams, passing: { _ in true },
                addArguments: { append(question, to: &$0) })
            let report = pipe.takeReading()
            defer { close(report) }
            return Self.wait(for: child, report)
        } catch { return .failed(Refusal(cannotStart: "sealring", error)) }
    }

    private func append(_ question: Question, to words: inout CWords) {
        switch question {
        case .passphrase: words.append("unlock")
        case .code: words.append("session")
        }
        words.append("--prompt")
        words.append(word)
        if case .code(let name) = question { words.append(name) }
    }

    /// Waits until the program has ended, until it is late, or until nobody waits for us.
    private static func wait(for child: consuming Child, _ report: Int32) -> Outcome {
        let end = MonotonicClock.milliseconds() + Int64(Timeouts.prompt) * 1000
        while MonotonicClock.milliseconds() < end {
            switch child.ending() {
            case .running: break
            case .ended(let code): return code == 0 ? .done : .refused(PromptReport(report, ending: code))
            case .unknown: return .refused(nil)
            }
            guard !isOutputAbandoned(milliseconds: 20) else {
                child.stop(SIGTERM, milliseconds: Timeouts.endingPrompt)
                return .abandoned
            }
        }
        child.stop(SIGTERM, milliseconds: Timeouts.endingPrompt)
        return .refused(.late)
    }

    private var word: StaticString {
        switch self {
        case .tty: "tty"
        case .pinentry: "pinentry"
        }
    }
}

/// Waits for this long, or until the reader of our stdout is gone.
private func isOutputAbandoned(milliseconds: Int32) -> Bool {
    SystemCall.wait(for: -1, 0, milliseconds: milliseconds, watchingOutput: true) == .abandoned
}
