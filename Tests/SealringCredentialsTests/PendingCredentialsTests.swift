import Platform
import SecureMemory
import Synchronization
import Testing

@testable import SealringCredentials

/// What the thread of a test waits for.
private final class Gate: Sendable {
    private let state = Mutex(false)
    var isOpen: Bool { state.withLock { $0 } }
    func open() { state.withLock { $0 = true } }
}

/// The task that waits, and the thread that it waits for.
struct PendingCredentialsTests {
    private static let long = Duration.seconds(600)

    private static func credentials(_ id: String) throws(AgentCredentialsError) -> AWSCredentials {
        do throws(SecureMemoryError) {
            return AWSCredentials(
                accessKeyID: id, accountID: nil, expiration: .seconds(UnixTime.now() + 86_400),
                secrets: try SecretBytes(count: 40), keyCount: 40, hasToken: false)
        } catch { throw AgentCredentialsError(.noResources, "no memory") }
    }

    @Test("what the thread returns is what the task gets")
    func success() async throws {
        let credentials = try await PendingCredentials().fetch(within: Self.long) {
            () throws(AgentCredentialsError) in
            try Self.credentials("AKIAIOSFODNN7EXAMPLE")
        }
        let (id, timeLeft) = (credentials.accessKeyID, credentials.timeLeft)
        #expect(id == "AKIAIOSFODNN7EXAMPLE")
        let left = try #require(timeLeft)
        #expect(left > .seconds(43_200) && left <= .seconds(86_400))
    }

    @Test("what the thread throws is thrown to the task")
    func failure() async {
        let thrown = await Self.error {
            try await PendingCredentials().fetch(within: Self.long) { () throws(AgentCredentialsError) in
                throw .noThread
            }
        }
        #expect(thrown == .noThread)
    }

    @Test("a task that is cancelled does not wait for the thread")
    func cancellation() async {
        let gate = Gate()
        let task = Task {
            await Self.error {
                try await PendingCredentials().fetch(within: Self.long) { () throws(AgentCredentialsError) in
                    // A task that waited for this would get credentials after all.
                    for _ in 0..<6000 where !gate.isOpen { usleep(100_000) }
                    return try Self.credentials("A")
                }
            }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        gate.open()
    }

    @Test("nobody waits longer than the time that was given")
    func timeout() async {
        let gate = Gate()
        let error = await Self.error {
            try await PendingCredentials().fetch(within: .zero) { () throws(AgentCredentialsError) in
                // Without a limit these credentials would come after all.
                for _ in 0..<6000 where !gate.isOpen { usleep(100_000) }
                return try Self.credentials("A")
            }
        }
        #expect(error == .timeout)
        gate.open()
    }

    private static func error(
        _ body: () async throws -> AWSCredentials
    ) async -> AgentCredentialsError? {
        do {
            _ = try await body()
            return nil
        } catch { return error as? AgentCredentialsError }
    }
}
