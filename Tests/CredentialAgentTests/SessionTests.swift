import AWSValues
import AgentProtocol
import CredentialVault
import SecureMemory
import TestSupport
import Testing

@testable import CredentialAgent

@Suite("Sessions")
struct SessionTests {
    let agent: TestAgent
    static let arn = "arn:aws:iam::123456789012:role/Admin"

    init() throws {
        agent = try TestAgent()
        try agent.vault.update { contents in
            try contents.change("prod") { $0.accountID = "123456789012" }
            try contents.add(Role(name: "admin", roleARN: Self.arn, source: "prod"))
            try contents.add(Role(name: "deep", roleARN: Self.arn + "2", source: "admin"))
        }
        _ = try agent.unlock(idle: 50_000, total: 100_000)
    }

    /// A key id of account 123456789012, as AWS encodes it.
    static let id = "ASIARZPUZDIKOQZFE3JD"

    var lease: UInt8 { AgentMessage.Answer.lease.rawValue }
    var json: UInt8 { AgentMessage.Answer.json.rawValue }

    /// A reply of STS.
    func reply(
        id: String = Self.id, lasting seconds: Int64 = 3600, status: UInt32 = 200, date: Int64 = 0,
        pairs: [(String, String)]? = nil
    ) throws -> [UInt8] {
        let end = Timestamp.text(agent.now.unix + seconds)
        var frame = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit)
        let start = try frame.beginFrame(ExchangeMessage.reply)
        try frame.appendField(UInt8(0))
        try frame.appendField("")
        try frame.appendField(status)
        try frame.appendField(UInt64(date))
        let fields =
            pairs ?? [
                ("AssumeRoleResponse/AssumeRoleResult/Credentials/AccessKeyId", id),
                (
                    "AssumeRoleResponse/AssumeRoleResult/Credentials/SecretAccessKey",
                    "a-made-up-session-secret"
                ),
                ("AssumeRoleResponse/AssumeRoleResult/Credentials/SessionToken", "made-up-token"),
                ("AssumeRoleResponse/AssumeRoleResult/Credentials/Expiration", end),
            ]
        for (path, value) in fields {
            try frame.appendField(path)
            try frame.appendField(value)
        }
        try frame.endFrame(start)
        return [UInt8](frame.bytes)
    }

    func refusal(_ code: String, _ message: String = "no", date: Int64 = 0) throws -> [UInt8] {
        try reply(
            status: 403, date: date,
            pairs: [("ErrorResponse/Error/Code", code), ("ErrorResponse/Error/Message", message)])
    }

    func deliver(_ answer: TestAgent.Answer, _ reply: [UInt8], by connection: Int = 0) throws
        -> TestAgent.Answer
    {
        agent.connection = connection
        return try agent.ask(.deliver, answer.fields[0], reply)
    }

    func ask(_ name: String, by connection: Int = 0, code: String = "") throws -> TestAgent.Answer {
        agent.connection = connection
        return try agent.ask(.credentials, bytes(agent.location.path), bytes(name), bytes(code))
    }

    /// Gets a session of the role.
    func fetch() throws { #expect(try deliver(ask("admin"), reply()).kind == json) }

    func text(_ answer: TestAgent.Answer) -> String {
        answer.fields.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }

    @Test("a role is fetched once, through the client that asked first")
    func once() throws {
        let first = try ask("admin", by: 1)
        #expect(first.kind == lease)
        #expect(text(first).contains("RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FAdmin"))
        #expect(!text(first).contains("made-up"))
        #expect(try ask("admin", by: 2).isParked)
        let answer = try deliver(first, reply(), by: 1)
        #expect(answer.kind == json && text(answer).contains(Self.id))
        #expect(try text(ask("admin", by: 2)) == text(answer))
    }

    @Test("a chain is fetched step by step, each signed by the one before")
    func chain() throws {
        let first = try ask("deep")
        #expect(text(first).contains("role%2FAdmin&"))
        let second = try deliver(first, reply())
        #expect(second.kind == lease && text(second).contains("role%2FAdmin2"))
        #expect(text(second).contains("X-Amz-Security-Token: made-up-token"))
        #expect(try deliver(second, reply()).kind == json)
        #expect(try ask("admin").kind == json)
    }

    @Test("what a client brings is believed only as far as it can be checked")
    func believed() throws {
        let others: [[UInt8]] = try [
            reply(id: "AKIARZPUZDIKOQZFE3JD"), reply(id: "ASIAIOSFODNN7EXAMPLE"),
            reply(id: "ASIAQQQQQQQQQQQQQQQQ"), reply(id: "nonsense"), reply(lasting: 3600 + 301),
            reply(lasting: 0), reply(lasting: -5), reply(pairs: []), bytes("nothing"),
            refusal("AccessDenied"),
        ]
        for (number, other) in others.enumerated() {
            let answer = try deliver(ask("admin"), other)
            #expect(answer.code != nil, "reply \(number)")
        }
        #expect(try deliver(ask("admin"), reply(lasting: 3600 + 299)).kind == json)
    }

    @Test("a lease belongs to its connection, and is delivered once")
    func owner() throws {
        let answer = try ask("admin", by: 1)
        #expect(try deliver(answer, reply(), by: 2).code == 69)
        #expect(try deliver(answer, reply(), by: 1).kind == json)
        #expect(try deliver(answer, reply(), by: 1).code == 69)
    }

    @Test("a lease that is not delivered in time goes to the next")
    func late() throws {
        let first = try ask("admin", by: 1)
        agent.now.boot += 9
        #expect(try ask("admin", by: 2).isParked)
        agent.now.boot += 1
        let second = try ask("admin", by: 2)
        #expect(second.kind == lease)
        #expect(try deliver(first, reply(), by: 1).code == 69)
        #expect(try deliver(second, reply(), by: 2).kind == json)
    }

    @Test("the holder of a lease is spared as long as the lease lasts")
    func sparedHolder() throws {
        #expect(try ask("admin", by: 1).kind == lease)
        #expect(agent.state.holdsLease(1, agent.now) && !agent.state.holdsLease(2, agent.now))
        agent.now.boot += 10
        #expect(!agent.state.holdsLease(1, agent.now))
    }

    @Test("a lease whose connection is gone goes to the next")
    func gone() throws {
        #expect(try ask("admin", by: 1).kind == lease)
        #expect(!agent.state.disconnected(2))
        #expect(agent.state.disconnected(1))
        #expect(try ask("admin", by: 2).kind == lease)
    }

    @Test("who has waited gets the failure of the one who fetched, and who comes later asks again")
    func shared() throws {
        let first = try ask("admin", by: 1)
        let waiting = try #require(try ask("admin", by: 2).waiting)
        #expect(try deliver(first, refusal("AccessDenied"), by: 1).code == 77)
        agent.waiting = waiting
        #expect(try ask("admin", by: 2).code == 77)
        agent.waiting = nil
        #expect(try ask("admin", by: 3).kind == lease)
    }

    @Test("nobody waits longer than 20 seconds")
    func patience() throws {
        for _ in 0..<2 {
            let first = try ask("admin", by: 1)
            agent.waiting = try ask("admin", by: 2).waiting ?? agent.waiting
            #expect(agent.state.disconnected(1))
            #expect(first.kind == lease)
            agent.now.boot += 10
        }
        #expect(try ask("admin", by: 1).kind == lease)
        #expect(try ask("admin", by: 2).code == 69)
    }

    @Test("a session leaves with 20 minutes to live, and is renewed before")
    func renewal() throws {
        try fetch()
        agent.now.unix += 2400
        #expect(try ask("admin").kind == json)
        agent.now.unix += 1
        #expect(try ask("admin").kind == lease)
    }

    @Test("a session that AWS made short is used for half of its life")
    func short() throws {
        #expect(try deliver(ask("admin"), reply(lasting: 900)).kind == json)
        agent.now.unix += 450
        #expect(try ask("admin").kind == json)
        agent.now.unix += 1
        #expect(try ask("admin").kind == lease)
    }

    @Test("a lock forgets sessions in memory, and what is sealed comes back with the key")
    func sealed() throws {
        try fetch()
        _ = try agent.ask(.lock)
        #expect(try ask("admin").code == 77)
        _ = try agent.unlock()
        #expect(try ask("admin").kind == json)
    }

    @Test(
        "no session is found in the state directory in plaintext, and none after a change of the passphrase")
    func atRest() throws {
        try fetch()
        let files = try agent.sessionFiles()
        #expect(files.count == 1)
        for file in files {
            let text = String(decoding: file, as: UTF8.self)
            #expect(!text.contains("made-up") && !text.contains(Self.id) && file.count > 200)
        }
        try agent.vault.rekey(passphrase: secret("new"), cost: .cheapest, recoveryCode: nil)
        #expect(try agent.sessionFiles().isEmpty)
        _ = try agent.unlock()
        #expect(try ask("admin").kind == lease)
    }

    @Test("sessions are forgotten by name, and all of them")
    func cleared() throws {
        try fetch()
        let path = bytes(agent.location.path)
        #expect(try agent.ask(.clear, path, bytes("nobody")).code == 66)
        #expect(try agent.ask(.clear, path, bytes("admin")).number(0) == 1)
        #expect(try ask("admin").kind == lease)
        #expect(agent.state.disconnected(0))
        try fetch()
        #expect(try agent.ask(.clear, path, []).number(0) == 1)
        #expect(try agent.sessionFiles().isEmpty)
    }

    @Test("a key whose own setting is a session answers with one; a role that is changed is fetched anew")
    func settings() throws {
        try agent.vault.update { try $0.change("prod") { $0.serve = .session } }
        let first = try ask("prod")
        #expect(first.kind == lease && text(first).contains("Action=GetSessionToken"))
        #expect(try deliver(first, reply()).kind == json)
        try agent.vault.update { try $0.change("prod") { $0.serve = .role("admin") } }
        #expect(text(try ask("prod")).contains("Action=AssumeRole"))
        #expect(agent.state.disconnected(0))
        try agent.vault.update { try $0.changeRole("admin") { $0.externalID = "word" } }
        #expect(text(try ask("prod")).contains("ExternalId=word"))
    }
}
