import CredentialVault
import TestSupport
import Testing

@testable import AgentProtocol
@testable import CredentialAgent

/// How a client learns why its last request was refused.
struct RefusalReasonTests {
    private let agent: TestAgent

    init() throws {
        agent = try TestAgent()
        _ = try agent.unlock()
    }

    private func why() throws -> AgentReason? {
        let answer = try agent.ask(.why)
        #expect(answer.kind == ReasonAnswer.kind)
        return AgentReason(
            number: UInt16(answer.number(0)), fields: (1..<answer.fields.count).map(answer.text))
    }

    @Test("why a request was refused is told to its connection, until the next request")
    func reasons() throws {
        #expect(try why() == nil, "nothing was refused")
        #expect(try agent.ask(.describe, bytes("/elsewhere"), bytes("prod")).code == 66)
        #expect(try why() == .otherVault(agent.location.path))
        #expect(try why() == .otherVault(agent.location.path), "it may be asked again")
        agent.connection = 1
        #expect(try why() == nil, "it is nobody else's")
        _ = try agent.ask(.lock)
        #expect(try agent.credentials().code == 77)
        #expect(try why() == .locked)
        agent.connection = 0
        _ = try agent.ask(.status)
        #expect(try why() == nil)
    }

    @Test("a refusal that is none of the list has no reason, nor has a connection that is gone")
    func noReason() throws {
        #expect(try agent.ask(.describe, bytes("/elsewhere"), bytes("prod")).code == 66)
        #expect(try agent.credentials("nobody").code == 66)
        #expect(try why() == nil)
        #expect(try agent.ask(.describe, bytes("/elsewhere"), bytes("prod")).code == 66)
        _ = agent.state.disconnected(0)
        #expect(try why() == nil)
    }

    @Test("a lock forgets what other connections were refused for")
    func lockForgets() throws {
        #expect(try agent.ask(.describe, bytes("/elsewhere"), bytes("prod")).code == 66)
        agent.connection = 1
        _ = try agent.ask(.lock)
        agent.connection = 0
        #expect(try why() == nil)
    }

    @Test("to ask why puts the lock off no further")
    func whyIsNoUse() throws {
        _ = try agent.unlock(idle: 60)
        agent.now.boot += 50
        _ = try agent.ask(.describe, bytes("/elsewhere"), bytes("prod"))
        #expect(try why() != nil)
        agent.now.boot += 20
        _ = try why()
        #expect(agent.state.isLocked)
    }
}
