import Platform
import ProgramSupport
package import SecureMemory

/// Nobody: what is said is not heard, and nothing can be asked.
package final class Silence: Conversation {
    package init() {}

    package func note(_ text: String) {}
    package func warn(_ text: String) {}
    package func hint(_ text: String) {}
    package func show(_ text: String) {}
    package func answer(_ text: String) throws(OutputClosed) {}
    package func beginProgress(_ text: String) {}
    package func endProgress() {}
    package func prepareForInterruption(_ message: String, hints: [String]) {}

    package var answersYes: Bool { false }
    package var canAsk: Bool { false }
    package func tell(_ text: String) throws {}
    package func tell(_ secret: borrowing SecretBytes) throws {}
    package func confirm(_ question: String) throws -> Bool { false }
    package func askSecret(_ prompt: String, limit: Int, until deadline: Double?) throws -> SecretBytes {
        throw Failure(.usage, "nobody can be asked")
    }
    package func askText(_ prompt: String, limit: Int) throws -> String {
        throw Failure(.usage, "nobody can be asked")
    }

    package var now: Int64 { UnixTime.now() }
    package var monotonic: Double { MonotonicClock.seconds() }
    package func sleep(seconds: Double) {}
}
