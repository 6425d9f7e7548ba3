import AgentProtocol
import SecureMemory
import Testing

@testable import AWSRequests

struct AWSReplyTests {
    private static let keys = "ListAccessKeysResponse/ListAccessKeysResult/AccessKeyMetadata/member"

    @Test("elements are found by the end of their path, in their order")
    func elements() throws {
        let pairs = [
            ("\(Self.keys)/AccessKeyId", "AKIAONE"), ("\(Self.keys)/Status", "Active"),
            ("\(Self.keys)/AccessKeyId", "AKIATWO"), ("\(Self.keys)/CreateDate", "2026-11-24T06:05:04Z"),
        ]
        try withReply(pairs) { reply in
            let (isSuccess, refusal) = (reply.isSuccess, reply.refusal)
            #expect(isSuccess && refusal == nil)
            let (texts, text) = (reply.texts("member/AccessKeyId"), reply.text("AccessKeyId"))
            #expect(texts == ["AKIAONE", "AKIATWO"] && text == "AKIAONE")
            let time = reply.time("member/CreateDate")
            #expect(time == 1_795_500_304)
            let isAbsent = reply.text("ey/AccessKeyId") == nil && reply.first("Id") == nil
            #expect(isAbsent)
        }
    }

    @Test("a refusal has its code, its words and its request id")
    func refusal() throws {
        let pairs = [
            ("ErrorResponse/Error/Type", "Sender"), ("ErrorResponse/Error/Code", "AccessDenied"),
            ("ErrorResponse/Error/Message", "not yours"), ("ErrorResponse/RequestId", "abc-1"),
        ]
        try withReply(pairs, status: 403) { reply in
            let refusal = reply.refusal
            #expect(
                refusal
                    == AWSRefusal(code: "AccessDenied", message: "not yours", requestID: "abc-1", status: 403)
            )
        }
        try withReply([], status: 503) { reply in
            let code = reply.refusal?.code
            #expect(code == "HTTP 503")
        }
        try withReply([], outcome: .timeout, status: 0) { reply in
            let isNone = reply.refusal == nil && !reply.isSuccess
            #expect(isNone)
        }
    }

    @Test(
        "text that a terminal would obey is none", arguments: ["\u{1b}[2J", "a\nb", "\u{9b}1m", "\u{202e}x"])
    func control(text: String) throws {
        try withReply([("a/b", text)]) { reply in
            let found = reply.text("a/b")
            #expect(found == nil)
        }
    }

    @Test(
        "a skew is believed up to a quarter of an hour",
        arguments: [(100, 100, 0), (700, 100, 600), (100, 700, -600), (5000, 100, 900), (100, 5000, -900)]
            as [(UInt64, Int64, Int64)])
    func skew(date: UInt64, now: Int64, expected: Int64) throws {
        try withReply([], date: date) { reply in
            let skew = reply.skew(now: now)
            #expect(skew == expected)
        }
        try withReply([], date: 0) { reply in
            let skew = reply.skew(now: now)
            #expect(skew == nil)
        }
    }

    @Test("what is cut, or has an outcome or more elements than there are, is no reply")
    func malformed() throws {
        let whole = try frame([("a", "b")])
        #expect(isReply(whole))
        for count in 0..<whole.count { #expect(!isReply(Array(whole[..<count]))) }
        var unknown = whole
        for outcome in UInt8(0)...255 {
            unknown[10] = outcome
            #expect(isReply(unknown) == (ExchangeMessage.Outcome(rawValue: outcome) != nil))
        }
        let limit = AWSReply.elementLimit
        #expect(isReply(try frame(Array(repeating: ("a", "b"), count: limit))))
        #expect(!isReply(try frame(Array(repeating: ("a", "b"), count: limit + 1))))
    }

    @Test("a time is one that can be written, in an element of at most 40 bytes")
    func times() throws {
        let pairs = [
            ("a/Time", "2026-11-24T06:05:04.123Z"), ("b/Late", "10000-01-01T00:00:00Z"), ("c/None", "soon"),
        ]
        try withReply(pairs) {
            let times = [$0.time("Time"), $0.time("Late"), $0.time("None"), $0.time("Missing")]
            #expect(times == [1_795_500_304, nil, nil, nil])
        }
    }

    private func frame(
        _ pairs: [(String, String)], outcome: ExchangeMessage.Outcome = .answered, status: UInt32 = 200,
        date: UInt64 = 0
    ) throws -> [UInt8] {
        var buffer = try SecretBuffer(capacity: 100, limit: AgentMessage.frameLimit + 4)
        let start = try buffer.beginFrame(ExchangeMessage.reply)
        try buffer.appendField(outcome.rawValue)
        try buffer.appendField("")
        try buffer.appendField(status)
        try buffer.appendField(date)
        for (path, value) in pairs {
            try buffer.appendField(path)
            try buffer.appendField(value)
        }
        try buffer.endFrame(start)
        return [UInt8](buffer.bytes)
    }

    private func isReply(_ frame: [UInt8]) -> Bool {
        AWSReply(frame.rawSpan) != nil
    }

    private func withReply(
        _ pairs: [(String, String)], outcome: ExchangeMessage.Outcome = .answered, status: UInt32 = 200,
        date: UInt64 = 0, _ body: (borrowing AWSReply) throws -> Void
    ) throws {
        let frame = try frame(pairs, outcome: outcome, status: status, date: date)
        guard let reply = AWSReply(frame.rawSpan) else {
            Issue.record("it is no reply")
            return
        }
        try body(reply)
    }
}
