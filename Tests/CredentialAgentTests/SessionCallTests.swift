import AWSValues
import AgentProtocol
import CredentialVault
import SecureMemory
import TestSupport
import Testing

@testable import CredentialAgent

/// Requests of a client's choice.
extension SessionTests {
    func call(
        _ call: AgentMessage.Call, _ signer: AgentMessage.Signer = .key, _ argument: String = ""
    ) throws -> TestAgent.Answer {
        try agent.ask(
            .call, bytes(agent.location.path), bytes("prod"), [call.rawValue], [signer.rawValue],
            bytes(argument), [], number(0 as Int64))
    }

    @Test("requests of the list are signed, and no others")
    func calls() throws {
        let signed = try call(.getCallerIdentity)
        #expect(signed.kind == AgentMessage.Answer.signed.rawValue)
        #expect(text(signed).contains("Action=GetCallerIdentity") && signed.text(1) == "AKIAIOSFODNN7EXAMPLE")
        #expect(!text(signed).contains("made-up"))
        #expect(
            try text(call(.deleteAccessKey, .key, "AKIAIOSFODNN7EXAMPLE")).contains("Action=DeleteAccessKey"))
        #expect(try call(.deleteAccessKey, .key, "../../x").code == 65)
        #expect(try call(.getCallerIdentity, .otherKey).code == 66)
        #expect(try call(.getCallerIdentity, .session).kind == lease)
        let path = bytes(agent.location.path)
        #expect(
            try agent.ask(.call, path, bytes("prod"), [99], [0], [], [], number(0 as Int64)).isMalformed)
        #expect(try agent.ask(.call, path, bytes("prod"), [1], [9], [], [], number(0 as Int64)).isMalformed)
    }
}
