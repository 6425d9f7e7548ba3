import AgentProtocol
import Platform
import ProgramSupport
import SecureMemory
import TestSupport
import Testing

@testable import VaultClient

/// What a client makes of refusals, of an agent of this version and of one of an earlier version.
struct AgentClientTests {
    private let scratch = Scratch()

    /// The client of an agent that answers each connection from a list, and ends it behind the last answer.
    private func client(_ connections: [[FakeAgent.Answer]]) throws -> (AgentClient, ScriptedAgent) {
        let agent = try ScriptedAgent(at: scratch("agent.sock"), connections)
        let path = Array(scratch("agent.sock").utf8)
        let address = try AgentAddress(path: path.rawSpan)
        return (try AgentClient(AgentConnection(address), to: address), agent)
    }

    private func failure(_ client: AgentClient) throws -> Failure {
        let request = DescribeRequest(path: "/made-up/vault", name: "prod")
        do { _ = try client.ask(request) } catch { return try #require(error as? Failure) }
        throw Failure(.usage, "it did not fail")
    }

    private func refusal(_ failure: Failure) -> FakeAgent.Answer {
        .refusal(UInt32(failure.code.rawValue), failure.message, failure.hint ?? "")
    }

    @Test("the reason of a refusal is worded by the client")
    func worded() throws {
        let reason = FakeAgent.Answer(.reason, [[10, 0]])
        let (client, agent) = try client([[.refusal(75, "words of another version"), reason]])
        #expect(try failure(client) == Failure(AgentReason.otherCommandsChange))
        #expect(agent.finish() == [[15, 16]])
    }

    @Test("a refusal without a reason is said as the agent says it")
    func unworded() throws {
        let (client, agent) = try client([
            [.refusal(66, "no such entry", "look"), FakeAgent.Answer(.reason, [[0, 0]])]
        ])
        #expect(try failure(client) == Failure(.missing, "no such entry", hint: "look"))
        #expect(agent.finish() == [[15, 16]])
    }

    @Test("an agent of an earlier version, which ends the connection then, is asked on")
    func earlier() throws {
        let (client, agent) = try client([
            [.refusal(75, "try again")], [.refusal(77, "the vault is locked", "run 'sealring unlock'")],
        ])
        #expect(try failure(client) == Failure(.busy, "try again"))
        #expect(try failure(client).code == .notPermitted)
        #expect(agent.finish() == [[15, 16], [15]])
    }
}

/// Listens at a path, and answers the requests of one connection after the other from lists. A connection ends with the
/// request behind its last answer, and the last one with its last answer.
private final class ScriptedAgent: Sendable {
    /// The kinds of the requests, with a zero behind those of each connection.
    private let asked: Int32

    init(at path: String, _ connections: [[FakeAgent.Answer]]) throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        let address = try AgentAddress(path: Array(path.utf8).rawSpan)
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(unsafe address.withAddress { unsafe bind(listener, $0, $1) } == 0)
        try #require(listen(listener, 4) == 0)
        asked = ends[0]
        let report = ends[1]
        let isStarted = DetachedThread.run {
            for (number, answers) in connections.enumerated() {
                let connection = accept(listener, nil, nil)
                Self.serve(connection, answers, isLast: number == connections.count - 1, report)
                close(connection)
            }
            close(listener)
            close(report)
        }
        try #require(isStarted)
    }

    deinit { close(asked) }

    private static func serve(
        _ connection: Int32, _ answers: [FakeAgent.Answer], isLast: Bool, _ report: Int32
    ) {
        var rest = answers[...]
        while !(isLast && rest.isEmpty), let kind = request(connection) {
            send([kind], to: report)
            guard let answer = rest.popFirst(), var frame = try? AgentMessage.buffer() else { break }
            try? VaultClientTests.write(answer.kind, answer.fields, to: &frame)
            send([UInt8](frame.bytes), to: connection)
        }
        send([0], to: report)
    }

    private static func send(_ bytes: [UInt8], to descriptor: Int32) {
        _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
    }

    /// The kind of the next request; nil at the end.
    private static func request(_ connection: Int32) -> UInt8? {
        var frame: [UInt8] = []
        while true {
            if case .size(let size) = FrameHead(frame.rawSpan), frame.count >= size { return frame[5] }
            var byte: UInt8 = 0
            guard unsafe read(connection, &byte, 1) == 1 else { return nil }
            frame.append(byte)
        }
    }

    /// The kinds of the requests of each connection, once all of them have ended.
    func finish() -> [[UInt8]] {
        var kinds: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe read(asked, &byte, 1) == 1 { kinds.append(byte) }
        return kinds.dropLast().split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    }
}
