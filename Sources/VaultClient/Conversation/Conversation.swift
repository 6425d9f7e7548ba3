import Platform
package import SecureMemory

/// The person that a command works for: what is said to them, and what they are asked.
///
/// The program answers with the terminal, tests with a recorder. No text has the program's name in it, nor an end
/// of line.
package protocol Conversation: AnyObject {
    func note(_ text: String)
    func warn(_ text: String)
    /// What to do about what was said last.
    func hint(_ text: String)
    /// A line as it is: of a diff, or of a list.
    func show(_ text: String)
    /// A line of the answer itself, which other programs may read.
    func answer(_ text: String) throws(OutputClosed)

    /// Says that something slow goes on, until ``endProgress()`` or whatever else is said.
    func beginProgress(_ text: String)
    func endProgress()

    /// What is said should a person stop the program from now on.
    func prepareForInterruption(_ message: String, hints: [String])

    /// Whether every question of yes or no has been answered with yes beforehand.
    var answersYes: Bool { get }
    /// Whether a person can be asked.
    var canAsk: Bool { get }
    /// Tells something to whoever is asked: no other program reads it.
    func tell(_ text: String) throws
    /// Tells a secret, which then stands on the screen.
    func tell(_ secret: borrowing SecretBytes) throws
    /// Asks a question that is answered with yes or no; no answer means no.
    func confirm(_ question: String) throws -> Bool
    /// Asks for a line without showing what is typed.
    ///
    /// - Parameter deadline: when to give up, by `MonotonicClock`; nil waits as long as it takes.
    func askSecret(_ prompt: String, limit: Int, until deadline: Double?) throws -> SecretBytes
    /// Asks for a line that is no secret.
    func askText(_ prompt: String, limit: Int) throws -> String

    /// Unix seconds.
    var now: Int64 { get }
    /// Seconds by a clock that nobody sets.
    var monotonic: Double { get }
    func sleep(seconds: Double)
}

/// stdout does not take the answer.
package struct OutputClosed: Error {
    package let code: Int32

    package init(code: Int32) { self.code = code }
}
