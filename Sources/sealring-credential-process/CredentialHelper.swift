import AWSValues
import AgentProtocol
import Platform
import SecureMemory

/// What AWS clients start: prints an entry's credentials, as the agent of the same user hands them out.
///
/// It runs before every command of theirs, so that its start is its cost: no strings, arrays or existentials
/// lie on the way of an answer, and no library beyond the C one.
@main
enum CredentialHelper {
    static func main() {
        ProcessHardening.applyWithoutReport()
        guard ProcessHardening.occupyClosedStreams() else { _exit(Refusal.inputOutput) }
        // A reader that is gone is a failed write, and no signal.
        platform_ignore_signal(SIGPIPE)
        let name = entryName()
        if case .by(let process) = ProcessHardening.tracing() {
            Refusal(tracer: process).report(entry: name)
        }
        let prompt: Prompt?
        switch Prompt.chosen() {
        case .chosen(let choice): prompt = choice
        case .unknown:
            Refusal(
                code: Refusal.usage, "SEALRING_PROMPT is neither 'tty' nor 'pinentry'", "unset or correct it"
            ).report(entry: name)
        }
        guard var refusal = Request.credentials(name) else { _exit(Refusal.inputOutput) }
        if refusal.isLocked, let prompt {
            retry(name, after: prompt.ask(.passphrase), &refusal)
        }
        if refusal.needsCode, let prompt = Prompt.forCode(prompt) {
            retry(name, after: prompt.ask(.code(name)), &refusal)
        }
        refusal.report(entry: name)
    }

    /// Asks the agent again, once a person has answered.
    private static func retry(
        _ name: RawSpan, after outcome: consuming Prompt.Outcome, _ refusal: inout Refusal
    ) {
        switch consume outcome {
        case .done:
            guard let second = Request.credentials(name) else { _exit(Refusal.inputOutput) }
            refusal = second
        case .refused(let report): refusal.explain(consume report)
        case .failed(let failure): refusal = failure
        case .abandoned: _exit(Refusal.inputOutput)
        }
    }

    /// The one argument. Misuse ends the process, and so do the questions that every program answers.
    @_lifetime(immortal)
    private static func entryName() -> RawSpan {
        guard let first = argument(1) else { misuse("missing entry name", entry: RawSpan()) }
        if first.isSame(as: "--version"), argument(2)?.isSame(as: "--verbose") == true, argument(3) == nil {
            answer(ProgramVersion.text, " ", ProgramVersion.build, "\n")
        }
        guard argument(2) == nil else { misuse("more than one entry name", entry: first) }
        if first.isSame(as: "--version") { answer(ProgramVersion.text, "\n") }
        if first.isSame(as: "--help") || first.isSame(as: "-h") { answer(help) }
        guard EntryName.isValid(first.octets) else { misuse("invalid entry name", entry: first) }
        return first
    }

    /// A word of the command line, which is there as long as the program.
    @_lifetime(immortal)
    private static func argument(_ position: Int) -> RawSpan? {
        // A program may be started with no word at all, not even its own name.
        for place in 0..<position where unsafe programArguments[place] == nil { return nil }
        guard let word = unsafe programArguments[position] else { return nil }
        let bytes = unsafe RawSpan(_unsafeStart: word, byteCount: strlen(word))
        return unsafe _overrideLifetime(bytes, copying: ())
    }

    private static func misuse(_ message: StaticString, entry: RawSpan) -> Never {
        Refusal(code: Refusal.usage, message, "use 'sealring-credential-process NAME'").report(
            entry: entry, isKept: false)
    }

    private static func answer(_ parts: StaticString...) -> Never {
        var line = MessageText(limit: 1000)
        for part in parts { line.append(part) }
        let isWritten = writeOnce(1, line.bytes)
        _exit(isWritten ? 0 : Refusal.inputOutput)
    }

    private static var help: StaticString {
        """
        usage: sealring-credential-process NAME

        Prints the credentials of an entry or role in the format that AWS clients
        expect of a credential_process. They come from the agent, which 'sealring
        unlock' starts. Without it, this program fails immediately, and names the
        command that fixes it on stderr. 'sealring status' shows the last failures.

        environment:
          SEALRING_VAULT         the vault file
          SEALRING_AGENT_SOCKET  where the agent listens
          SEALRING_STATE_DIR     where failures are recorded
          SEALRING_PROMPT        'tty' or 'pinentry': ask for the passphrase when the
                                 vault is locked, and for MFA codes
          SEALRING_MFA_COMMAND   a command that prints an MFA code

        """
    }
}

extension RawSpan {
    /// Whether the bytes are this text.
    func isSame(as text: StaticString) -> Bool { isSame(as: text.rawSpan) }
}
