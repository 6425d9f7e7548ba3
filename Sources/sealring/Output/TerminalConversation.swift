import Platform
import ProgramSupport
import SecureMemory
import Synchronization
import VaultClient

/// The person at the terminal: stderr is for people, stdout for the answer, `/dev/tty` for questions.
final class TerminalConversation: Conversation, Sendable {
    func note(_ text: String) { Console.note(text) }
    func warn(_ text: String) { Console.warn(text) }
    func hint(_ text: String) { Console.hint(text) }
    func show(_ text: String) { Console.error(text) }
    func answer(_ text: String) throws(OutputClosed) { try Console.print(text) }

    func beginProgress(_ text: String) { ProgressLine.show(text) }
    func endProgress() { ProgressLine.clear() }

    func prepareForInterruption(_ message: String, hints: [String]) {
        Interruption.set(message, hints: hints)
    }

    private let confirmsAll = Mutex(false)
    var answersYes: Bool {
        get { confirmsAll.withLock { $0 } }
        set { confirmsAll.withLock { $0 = newValue } }
    }
    var canAsk: Bool { Terminal() != nil }

    func tell(_ text: String) throws { try terminal().show(text) }
    func tell(_ secret: borrowing SecretBytes) throws { try terminal().show(secret) }
    func confirm(_ question: String) throws -> Bool { try answersYes || terminal().confirm(question) }

    func askSecret(_ prompt: String, limit: Int, until deadline: Double?) throws -> SecretBytes {
        try terminal().askSecret(prompt, limit: limit, until: deadline)
    }

    func askText(_ prompt: String, limit: Int) throws -> String {
        try terminal().askText(prompt, limit: limit)
    }

    private func terminal() throws -> Terminal {
        guard let terminal = Terminal() else { throw Failure(.usage, "no terminal to ask on") }
        return terminal
    }

    var now: Int64 { UnixTime.now() }
    var monotonic: Double { MonotonicClock.seconds() }
    func sleep(seconds: Double) { usleep(UInt32(max(seconds, 0) * 1_000_000)) }
}

/// The conversation of this process.
let conversation = TerminalConversation()
