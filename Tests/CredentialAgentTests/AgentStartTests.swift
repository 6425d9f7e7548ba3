import AgentProtocol
import CredentialVault
import DurableFiles
import Platform
import SecureMemory
import Synchronization
import TestSupport
import Testing

@testable import CredentialAgent

/// Something that is held until the agent has given up waiting for it, or for a while all the same.
private final class Held: Sendable {
    private let isOver = Mutex(false)

    /// - Parameter release: is called in the end.
    func release(_ release: @escaping @Sendable () -> Void) {
        inThread { [self] in
            // Less than an agent waits for any part of its start.
            for _ in 0..<20 where !isOver.withLock({ $0 }) { usleep(100_000) }
            release()
        }
    }

    func end() { isOver.withLock { $0 = true } }
}

@Suite("An agent that starts waits no longer than the program that starts it")
struct AgentStartTests {
    private let scratch = Scratch()
    /// The time is over.
    private let end = MonotonicClock.milliseconds()

    private var address: AgentAddress {
        get throws { try AgentAddress(path: Array(scratch("agent.sock").utf8).rawSpan) }
    }

    @Test("not for another one that makes its socket")
    func lock() throws {
        let file = unsafe open(scratch("agent.lock"), O_RDWR | O_CREAT, 0o600)
        try #require(flock(file, LOCK_EX) == 0)
        let held = Held()
        held.release { close(file) }
        #expect(throws: FileError.self) { _ = try AgentSocket.make(address, until: end) }
        held.end()
    }

    @Test("not for one that gives no answer")
    func silence() throws {
        let listener = platform_socket()
        let address = try address
        let result = unsafe address.withAddress { unsafe bind(listener, $0, $1) }
        try #require(result == 0 && listen(listener, 1) == 0)
        let held = Held()
        // The socket is then as that of a dead agent, and is replaced.
        held.release { close(listener) }
        #expect(throws: (any Error).self) { _ = try AgentSocket.make(address, until: end) }
        held.end()
    }
}
