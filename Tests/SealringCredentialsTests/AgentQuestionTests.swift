import Platform
import SecureMemory
import Synchronization
import TestSupport
import Testing

@testable import AgentProtocol
@testable import SealringCredentials

/// An agent that answers too late.
private final class LateAgent: Sendable {
    private let scratch = Scratch()
    private let isOver = Mutex(false)
    private let listener: Int32

    var path: String { scratch("agent.sock") }

    init() throws {
        listener = platform_socket()
        let path = Array(scratch("agent.sock").utf8)
        let address = try AgentAddress(path: path.rawSpan)
        let result = unsafe address.withAddress { unsafe bind(listener, $0, $1) }
        try #require(result == 0 && listen(listener, 1) == 0)
    }

    deinit { close(listener) }

    /// Takes one connection, and answers it once the question is over, or after a while all the same.
    func run() {
        inThread { [self] in
            _ = SystemCall.wait(for: listener, POLLIN, milliseconds: 60_000)
            let descriptor = platform_accept(listener)
            defer { close(descriptor) }
            // Less than a client waits for a part of the answer.
            for _ in 0..<30 where !isOver.withLock({ $0 }) { usleep(100_000) }
            guard let answer = try? Self.answer() else { return }
            _ = SystemCall.send(descriptor, answer.bytes)
        }
    }

    func end() { isOver.withLock { $0 = true } }

    private static func answer() throws -> SecretBuffer {
        let (id, key) = (Array("AKIAIOSFODNN7EXAMPLE".utf8), Array("secret".utf8))
        let line = try CredentialProcessJSON.encode(
            accessKeyID: id.rawSpan, secretAccessKey: key.rawSpan, sessionToken: nil, expiration: nil,
            accountID: nil)
        var buffer = try AgentMessage.buffer()
        let start = try buffer.beginFrame(AgentMessage.Answer.json)
        try buffer.appendField(line)
        try buffer.endFrame(start)
        return buffer
    }
}

struct AgentQuestionTests {
    @Test("whatever a part of it may take, the question ends with the whole")
    func deadline() throws {
        let agent = try LateAgent()
        agent.run()
        defer { agent.end() }
        let options = AgentCredentials(
            entry: "prod", environment: ["SEALRING_AGENT_SOCKET": agent.path, "HOME": "/nonexistent"])
        let question = AgentQuestion(options, until: MonotonicClock.milliseconds())
        do throws(AgentCredentialsError) {
            _ = try question.ask()
            Issue.record("it waited for the answer")
        } catch {
            #expect(error.reason == .unavailable)
            // The socket is that of the copied environment.
            #expect(error.message.contains(agent.path))
        }
    }

    @Test(
        "no time is too short or too long",
        arguments: [
            (.zero, 0, 0), (.seconds(-5), 0, 0), (.seconds(1), 1, 900), (.seconds(25), 25, 24_500),
            (.seconds(Int64.max), 86_400, 86_399_500), (.seconds(Int64.min), 0, 0),
        ] as [(Duration, Int, Int64)])
    func limits(timeout: Duration, whole: Int, thread: Int64) {
        let now = MonotonicClock.milliseconds()
        let limit = TimeLimit(timeout, now: now)
        #expect(limit.whole == .seconds(whole))
        #expect(limit.end - now == thread)
    }
}
