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
        signal(SIGPIPE, SIG_IGN)
        let name = unsafe entryName()
        if case .by(let process) = ProcessHardening.tracing() {
            unsafe Refusal(tracer: process).report(entry: name)
        }
        let prompt: Prompt?
        switch Prompt.chosen() {
        case .chosen(let choice): prompt = choice
        case .unknown:
            unsafe Refusal(
                code: Refusal.usage, "SEALRING_PROMPT is neither 'tty' nor 'pinentry'", "unset or correct it"
            ).report(entry: name)
        }
        guard var refusal = unsafe Request.credentials(name) else { _exit(Refusal.inputOutput) }
        if refusal.isLocked, let prompt {
            unsafe retry(name, after: prompt.ask(.passphrase), &refusal)
        }
        if refusal.needsCode, let prompt = Prompt.forCode(prompt) {
            unsafe retry(name, after: prompt.ask(.code(name)), &refusal)
        }
        unsafe refusal.report(entry: name)
    }

    /// Asks the agent again, once a person has answered.
    private static func retry(
        _ name: UnsafeRawBufferPointer, after outcome: consuming Prompt.Outcome, _ refusal: inout Refusal
    ) {
        switch consume outcome {
        case .done:
            guard let second = unsafe Request.credentials(name) else { _exit(Refusal.inputOutput) }
            refusal = second
        case .refused(let report): refusal.explain(consume report)
        case .failed(let failure): refusal = failure
        case .abandoned: _exit(Refusal.inputOutput)
        }
    }

    /// The one argument. Misuse ends the process, and so do the questions that every program answers.
    private static func entryName() -> UnsafeRawBufferPointer {
        guard let first = unsafe argument(1) else {
            unsafe misuse("missing entry name", entry: UnsafeRawBufferPointer(start: nil, count: 0))
        }
        guard unsafe argument(2) == nil else { unsafe misuse("more than one entry name", entry: first) }
        if unsafe isEqual(first, "--version") { answer(ProgramVersion.text, "\n") }
        if unsafe isEqual(first, "--help") || isEqual(first, "-h") { answer(help, "") }
        guard EntryName.isValid(unsafe first.bytes.octets) else {
            unsafe misuse("invalid entry name", entry: first)
        }
        return unsafe first
    }

    private static func argument(_ position: Int) -> UnsafeRawBufferPointer? {
        // A program may be started with no word at all, not even its own name.
        guard unsafe CommandLine.unsafeArgv[0] != nil, let word = unsafe CommandLine.unsafeArgv[1] else {
            return nil
        }
        guard position > 1 else { return unsafe UnsafeRawBufferPointer(start: word, count: strlen(word)) }
        guard let next = unsafe CommandLine.unsafeArgv[2] else { return nil }
        return unsafe UnsafeRawBufferPointer(start: next, count: strlen(next))
    }

    private static func misuse(_ message: StaticString, entry: UnsafeRawBufferPointer) -> Never {
        unsafe Refusal(code: Refusal.usage, message, "use 'sealring-credential-process NAME'")
            .report(entry: entry)
    }

    private static func answer(_ text: StaticString, _ end: StaticString) -> Never {
        var line = MessageText(limit: 1000)
        line.append(text)
        line.append(end)
        let isWritten = unsafe line.withBytes { unsafe writeOnce(1, $0) }
        _exit(isWritten ? 0 : Refusal.inputOutput)
    }

    private static var help: StaticString {
        """
        usage: sealring-credential-process NAME

        Prints an entry's credentials as AWS clients expect them of a credential_process. They come from the
        agent, which 'sealring unlock' starts. Without it this fails immediately, and stderr names the command
        that fixes it. 'sealring status' shows the last failures.

        environment:
          SEALRING_AGENT_SOCKET  where the agent listens
          SEALRING_VAULT         the vault file
          SEALRING_PROMPT        'tty' or 'pinentry': ask for the passphrase when the vault is locked, and
                                 for the code of an MFA device
          SEALRING_MFA_COMMAND   a program that prints such a code

        """
    }
}

/// Whether the bytes are this text.
func isEqual(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount, let start = bytes.baseAddress else { return false }
    return unsafe memcmp(start, text.utf8Start, bytes.count) == 0
}
