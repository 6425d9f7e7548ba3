import AWSRequests
import AgentProtocol
import ProgramSupport
import SecureMemory
import TestSupport
import Testing

@testable import VaultClient

/// The conversation with the agent about a session: leases that are carried to AWS, and codes that are asked for.
struct SessionClientTests {
    private let recorder = Recorder()
    private typealias Answer = FakeAgent.Answer

    private func client(
        _ agent: FakeAgent, _ carrier: FakeCarrier = FakeCarrier([]), token: String? = nil,
        isSilent: Bool = false, isForClient: Bool = false
    ) -> SessionClient {
        let client = SessionClient(
            agent, recorder, path: "/made-up/vault", mfa: MFACode(token: token, isSilent: isSilent),
            isForClient: isForClient)
        client.carrier = carrier
        return client
    }

    private func line(_ client: SessionClient) throws -> String {
        let line = try client.credentials("prod")
        return String(decoding: [UInt8](line.bytes), as: UTF8.self)
    }

    private func failure(
        _ client: SessionClient, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Failure {
        do { _ = try client.credentials("prod") } catch {
            return try #require(Failure.of(error), "\(error)", sourceLocation: sourceLocation)
        }
        throw Failure(.usage, "it did not fail")
    }

    @Test("a session that is there is the answer")
    func held() throws {
        let agent = FakeAgent([.json])
        #expect(try line(client(agent)) == Answer.line)
        #expect(agent.asked.map(\.kind) == [AgentMessage.Request.credentials.rawValue])
        #expect(agent.asked[0].text(0) == "/made-up/vault" && agent.asked[0].text(1) == "prod")
        #expect(agent.asked[0].fields[2].isEmpty, "no code is sent unasked")
    }

    @Test("the request of a lease is carried to AWS, and the reply delivered; a chain has several")
    func lease() throws {
        let agent = FakeAgent([.lease, .lease, .json])
        let carrier = FakeCarrier([.answer(200), .answer(200)])
        #expect(try line(client(agent, carrier)) == Answer.line)
        #expect(carrier.carried == ["a signed request", "a signed request"])
        #expect(carrier.milliseconds == [10_000, 10_000])
        let deliver = AgentMessage.Request.deliver.rawValue
        #expect(agent.asked.map(\.kind).dropFirst() == [deliver, deliver])
        #expect(agent.asked[1].fields[0] == Answer.leaseID && !agent.asked[1].fields[1].isEmpty)
        #expect(agent.releases == 0)
    }

    @Test(
        "where AWS gives no answer, those who wait are told, and the lease is given up",
        arguments: [ExchangeError.timeout, .noReply])
    func noReply(_ error: ExchangeError) throws {
        let agent = FakeAgent([.lease, .refusal(69, "AWS is not there")])
        #expect(try failure(client(agent, FakeCarrier([.failure(error)]))) == Failure(error))
        #expect(agent.asked.last?.fields == [Answer.leaseID, []] && agent.releases == 1)
    }

    @Test(
        "what is wrong with this program alone is not told to the others",
        arguments: [ExchangeError.notStarted(.missing), .abandoned])
    func notStarted(_ error: ExchangeError) throws {
        let agent = FakeAgent([.lease])
        #expect(try failure(client(agent, FakeCarrier([.failure(error)]))) == Failure(error))
        #expect(agent.asked.count == 1 && agent.releases == 1)
    }

    @Test("an AWS client is answered in time, and a lease that comes too late is not carried")
    func tooLate() throws {
        let agent = FakeAgent([.lease, .lease, .json])
        let carrier = FakeCarrier([.answer(200)])
        var waited = 12.0
        agent.whileAnswering = {
            recorder.monotonic += waited
            waited = 8.5
        }
        #expect(try failure(client(agent, carrier, isForClient: true)) == Failure(ExchangeError.timeout))
        #expect(carrier.milliseconds == [8000], "what is left of its 20 seconds")
        #expect(agent.releases == 1)
    }

    @Test("leases without end come to one")
    func endless() throws {
        let agent = FakeAgent([Answer](repeating: .lease, count: 100))
        let carrier = FakeCarrier([FakeCarrier.Reply](repeating: .answer(200), count: 100))
        #expect(try failure(client(agent, carrier)).message == "AWS required too many requests")
        #expect(carrier.carried.count == 24)
    }

    @Test("an answer that is none is not believed")
    func malformed() {
        let wrong = [
            Answer(.json, [Array("{no line}".utf8)]), Answer(.json), Answer(.done),
            Answer(.lease, [[7], []]),
            Answer(.lease), Answer(.error), Answer(.codeNeeded),
        ]
        for answer in wrong {
            #expect(throws: AgentError.malformed) { try line(client(FakeAgent([answer]))) }
        }
    }

    // MARK: codes

    @Test("a code that is needed is asked for, and sent with the request")
    func code() throws {
        recorder.answers = ["123456"]
        let agent = FakeAgent([.codeNeeded, .lease, .json])
        #expect(try line(client(agent, FakeCarrier([.answer(200)]))) == Answer.line)
        #expect(recorder.questions == ["MFA code for prod (\(Answer.serial)): "])
        #expect(agent.asked[1].text(2) == "123456")
    }

    @Test("one that has not six digits is asked for again")
    func mistyped() throws {
        recorder.answers = ["12345", "123456"]
        let agent = FakeAgent([.codeNeeded, .json])
        #expect(try line(client(agent)) == Answer.line)
        #expect(recorder.said("tell").first?.contains("it must have 6 digits") == true)
    }

    @Test("where nobody can be asked, the ways to give one are named")
    func nobody() throws {
        let failure = try failure(client(FakeAgent([.codeNeeded])))
        #expect(failure.hint == "give it with --mfa-token, or set SEALRING_MFA_COMMAND")
        recorder.answers = ["123456"]
        let silent = try self.failure(client(FakeAgent([.codeNeeded]), isSilent: true))
        #expect(silent.hint == "run 'sealring session prod', or set SEALRING_MFA_COMMAND")
        #expect(recorder.questions.isEmpty)
    }

    @Test("the code of the option is sent once: for a second one somebody is asked")
    func option() throws {
        let agent = FakeAgent([.codeNeeded, .json, .codeNeeded, .json])
        let client = client(agent, token: "111111")
        #expect(try line(client) == Answer.line && recorder.questions.isEmpty)
        recorder.answers = ["222222"]
        #expect(try line(client) == Answer.line && agent.asked.last?.text(2) == "222222")
    }

    @Test("a code is asked for once for each request")
    func twice() throws {
        let agent = FakeAgent([.codeNeeded, .codeNeeded])
        #expect(try failure(client(agent, token: "111111")).message == "another MFA code is needed")
    }

    @Test("after a failure that came behind it, a code is spent, and that is said")
    func spent() throws {
        let spent = "the MFA code is used up: wait for the next one"
        let refused = FakeAgent([.codeNeeded, .refusal(69, "AWS is busy", "try again in a minute")])
        #expect(try failure(client(refused, token: "111111")).hint == "try again in a minute; \(spent)")
        let silent = FakeAgent([.codeNeeded, .lease, .refusal(69, "AWS is not there")])
        let failure = try failure(client(silent, FakeCarrier([.failure(.timeout)]), token: "111111"))
        #expect(failure.hint?.hasSuffix(spent) == true)
        let denied = FakeAgent([.codeNeeded, .refusal(77, "AWS rejected the MFA code")])
        #expect(try self.failure(client(denied, token: "111111")).hint == nil)
    }

    @Test("a refusal of the agent is told as it is")
    func refusal() throws {
        let agent = FakeAgent([.refusal(66, "no entry 'prod'", "see 'sealring list'")])
        #expect(
            try failure(client(agent)) == Failure(.missing, "no entry 'prod'", hint: "see 'sealring list'"))
    }

    // MARK: requests of this program

    private func identity(_ client: SessionClient) throws -> String? {
        try client.call(.getCallerIdentity, "prod", signer: .key, action: "ask for its identity") {
            reply, _ in
            reply.text("Arn")
        }
    }

    @Test("a reply is read")
    func call() throws {
        let carrier = FakeCarrier([.answer(200, [("A/Arn", "arn:aws:iam::123456789012:user/ann")])])
        #expect(try identity(client(FakeAgent([.signed]), carrier))?.hasSuffix("user/ann") == true)
    }

    @Test("a request that AWS's clock refuses is signed once more, by that clock", arguments: [1, 2])
    func clock(_ count: Int) throws {
        let refused = FakeCarrier.Reply.answer(
            403, date: UInt64(recorder.now + 600), [("ErrorResponse/Error/Code", "RequestTimeTooSkewed")])
        let carrier = FakeCarrier(
            [FakeCarrier.Reply](repeating: refused, count: count) + [.answer(200, [("A/Arn", "it")])])
        let agent = FakeAgent([.signed, .signed])
        let client = client(agent, carrier)
        if count == 1 {
            #expect(try identity(client) == "it")
        } else {
            let error = #expect(throws: AWSRefused.self) { try identity(client) }
            #expect(
                error?.failure.message.contains("the clock of this machine is 10m behind") == true)
        }
        #expect(
            client.skew == 600
                && agent.asked.map { $0.fields[6] } == [
                    [UInt8](repeating: 0, count: 8), [0x58, 2, 0, 0, 0, 0, 0, 0],
                ])
    }

    @Test("a request that may have been sent has no known end; one that was not sent has")
    func unknown() {
        for error in [ExchangeError.timeout, .noReply] {
            #expect(throws: NoAnswer.self) {
                try identity(client(FakeAgent([.signed]), FakeCarrier([.failure(error)])))
            }
        }
        #expect(throws: Failure.self) {
            try identity(client(FakeAgent([.signed]), FakeCarrier([.failure(.notStarted(.missing))])))
        }
    }
}
