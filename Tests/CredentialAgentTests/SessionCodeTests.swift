import AWSValues
import AgentProtocol
import CredentialVault
import SecureMemory
import TestSupport
import Testing

@testable import CredentialAgent

/// Sessions of a user with an MFA device.
extension SessionTests {
    func setDevice(seed: String? = nil) throws {
        try agent.vault.update { contents in
            try contents.change("prod") { $0.mfaSerial = "arn:aws:iam::123456789012:mfa/alice" }
            guard let seed, let entry = contents.entry(named: "prod") else { return }
            var changes = try VaultChanges()
            try changes.append(.seed, name: "prod", entry: entry, secret: secret(seed))
            try changes.apply(to: &contents)
        }
    }

    @Test("with an MFA device one session serves all roles of its user, and its code is asked for once")
    func device() throws {
        try setDevice()
        let question = try ask("admin")
        #expect(question.kind == AgentMessage.Answer.codeNeeded.rawValue)
        #expect(text(question).contains("mfa/alice"))
        let first = try ask("admin", code: "123456")
        #expect(text(first).contains("Action=GetSessionToken") && text(first).contains("TokenCode=123456"))
        let second = try deliver(first, reply())
        #expect(second.kind == lease && text(second).contains("Action=AssumeRole"))
        #expect(try deliver(second, reply()).kind == json)
        #expect(text(try ask("deep")).contains("role%2FAdmin2"))
    }

    @Test("a code is never used twice", arguments: [false, true])
    func spent(isRefused: Bool) throws {
        try setDevice()
        let first = try ask("admin", code: "123456")
        _ = try deliver(first, isRefused ? refusal("AccessDenied") : reply(lasting: 60))
        agent.now.unix += 40
        _ = agent.state.disconnected(0)
        let again = try ask("admin", code: "123456")
        #expect(again.code == 77 && again.text(1).contains("already used"))
        #expect(try ask("admin", code: "123457").kind == lease)
    }

    @Test("codes cannot be guessed, nor fill memory")
    func guessed() throws {
        try setDevice()
        for number in 0..<64 {
            #expect(try ask("admin", code: "\(100_000 + number)").kind == lease)
            _ = agent.state.disconnected(0)
        }
        #expect(try ask("admin", code: "999999").code == 77)
        agent.now.unix += 601
        #expect(try ask("admin", code: "999999").code == 77, "one clock alone tells no time")
        agent.now.boot += 601
        #expect(try ask("admin", code: "999999").kind == lease)
    }

    @Test("what is no code is no request", arguments: ["12345", "1234567", "12345x", "１２３４５６"])
    func badCode(_ code: String) throws { #expect(try ask("admin", code: code).isMalformed) }

    @Test("a sealed seed makes the codes, one in a step of 30 seconds")
    func seed() throws {
        try setDevice(seed: "12345678901234567890")
        agent.now.unix = 1_234_567_890
        let first = try ask("admin")
        #expect(text(first).contains("TokenCode=005924"))
        _ = try deliver(first, refusal("AccessDenied"))
        #expect(try ask("admin").code == 75)
        agent.now.unix += 30
        let second = try ask("admin")
        #expect(second.kind == lease && !text(second).contains("005924"))
    }
}
