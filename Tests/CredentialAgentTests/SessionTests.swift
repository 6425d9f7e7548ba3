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

    @Test("a clock that is wrong is measured, and the request is signed once more")
    func skew() throws {
        let first = try ask("admin")
        let second = try deliver(first, refusal("SignatureDoesNotMatch", date: agent.now.unix + 600))
        #expect(second.kind == lease)
        let stamp = String(
            decoding: Timestamp.format(agent.now.unix + 600).filter { $0 != 45 && $0 != 58 }, as: UTF8.self)
        #expect(text(second).contains(stamp) && !text(first).contains(stamp))
        #expect(try deliver(second, refusal("SignatureDoesNotMatch", date: agent.now.unix + 1200)).code == 77)
        // What AWS told last counts, as far as it is believed.
        let last = String(
            decoding: Timestamp.format(agent.now.unix + 900).filter { $0 != 45 && $0 != 58 }, as: UTF8.self)
        #expect(text(try ask("admin")).contains(last))
    }

    @Test("a clock is believed to be wrong by 15 minutes at most")
    func farOff() throws {
        let second = try deliver(ask("admin"), refusal("RequestExpired", date: agent.now.unix + 86_400))
        let stamp = String(
            decoding: Timestamp.format(agent.now.unix + 900).filter { $0 != 45 && $0 != 58 }, as: UTF8.self)
        #expect(text(second).contains(stamp))
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

    // MARK: MFA

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
        #expect(again.code == 77 && again.text(1).contains("used already"))
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

    @Test("how long a session lives is told by AWS's clock")
    func clock() throws {
        let second = try deliver(ask("admin"), refusal("RequestExpired", date: agent.now.unix + 600))
        #expect(try deliver(second, reply(lasting: 4200, date: agent.now.unix + 600)).kind == json)
        agent.now.unix += 2400
        #expect(try ask("admin").kind == json)
        agent.now.unix += 1
        #expect(try ask("admin").kind == lease)
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

    // MARK: requests of a client's choice

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
