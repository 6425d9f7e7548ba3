import ProgramSupport
import SecureMemory
import TestSupport
import VaultClient

/// A conversation that keeps what is said, answers from a list, and has a clock that only sleeping moves.
final class Recorder: Conversation {
    private(set) var said: [String] = []
    /// The answers to questions of yes or no; without any nobody can be asked.
    var confirmations: [Bool] = []
    /// The answers to other questions.
    var answers: [String] = []
    var answersYes = false
    private(set) var questions: [String] = []
    private(set) var interruption = ""
    var now: Int64 = 1_700_000_000
    var monotonic = 1000.0
    private(set) var slept = 0.0
    /// What happens while the program sleeps.
    var whileAsleep: () -> Void = {}

    /// What was said, of one kind: `note`, `warning`, `hint`, `show` or `answer`.
    func said(_ kind: String) -> [String] {
        said.filter { $0.hasPrefix(kind + ": ") }.map { String($0.dropFirst(kind.count + 2)) }
    }

    func note(_ text: String) { said.append("note: \(text)") }
    func warn(_ text: String) { said.append("warning: \(text)") }
    func hint(_ text: String) { said.append("hint: \(text)") }
    func show(_ text: String) { said.append("show: \(text)") }
    func answer(_ text: String) throws(OutputClosed) { said.append("answer: \(text)") }
    func beginProgress(_ text: String) { said.append("progress: \(text)") }
    func endProgress() {}
    func prepareForInterruption(_ message: String, hints: [String]) {
        interruption = ([message] + hints).joined(separator: "\n")
    }

    var canAsk: Bool { !confirmations.isEmpty || !answers.isEmpty }
    func tell(_ text: String) throws { said.append("tell: \(text)") }
    func tell(_ secret: borrowing SecretBytes) throws { said.append("tell: a secret of \(secret.count)") }

    func confirm(_ question: String) throws -> Bool {
        questions.append(question)
        return confirmations.removeFirst()
    }

    func askSecret(_ prompt: String, limit: Int, until deadline: Double?) throws -> SecretBytes {
        try secret(askText(prompt, limit: limit))
    }

    func askText(_ prompt: String, limit: Int) throws -> String {
        questions.append(prompt)
        guard !answers.isEmpty else { throw Failure(.usage, "no answer was given") }
        return answers.removeFirst()
    }

    func sleep(seconds: Double) {
        slept += seconds
        monotonic += seconds
        now += Int64(seconds.rounded(.up))
        whileAsleep()
    }
}
