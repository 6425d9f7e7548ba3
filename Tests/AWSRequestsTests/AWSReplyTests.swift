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
        try unsafe withReply(pairs) { reply in
            #expect(unsafe reply.isSuccess && reply.refusal == nil)
            #expect(unsafe reply.texts("member/AccessKeyId") == ["AKIAONE", "AKIATWO"])
            #expect(unsafe reply.text("AccessKeyId") == "AKIAONE")
            #expect(unsafe reply.time("member/CreateDate") == 1_795_500_304)
            #expect(unsafe reply.text("ey/AccessKeyId") == nil && reply.first("Id") == nil)
        }
    }

    @Test("a refusal has its code, its words and its request id")
    func refusal() throws {
        let pairs = [
            ("ErrorResponse/Error/Type", "Sender"), ("ErrorResponse/Error/Code", "AccessDenied"),
            ("ErrorResponse/Error/Message", "not yours"), ("ErrorResponse/RequestId", "abc-1"),
        ]
        try unsafe withReply(pairs, status: 403) { reply in
            #expect(
                unsafe reply.refusal
                    == AWSRefusal(code: "AccessDenied", message: "not yours", requestID: "abc-1", status: 403)
            )
        }
        try unsafe withReply([], status: 503) { #expect(unsafe $0.refusal?.code == "HTTP 503") }
        try unsafe withReply([], outcome: .timeout, status: 0) {
            #expect(unsafe $0.refusal == nil && !$0.isSuccess)
        }
    }

    @Test(
        "text that a terminal would obey is none", arguments: ["\u{1b}[2J", "a\nb", "\u{9b}1m", "\u{202e}x"])
    func control(text: String) throws {
        try unsafe withReply([("a/b", text)]) { #expect(unsafe $0.text("a/b") == nil) }
    }

    @Test(
        "a skew is believed up to a quarter of an hour",
        arguments: [(100, 100, 0), (700, 100, 600), (100, 700, -600), (5000, 100, 900), (100, 5000, -900)]
            as [(UInt64, Int64, Int64)])
    func skew(date: UInt64, now: Int64, expected: Int64) throws {
        try unsafe withReply([], date: date) { #expect(unsafe $0.skew(now: now) == expected) }
        try unsafe withReply([], date: 0) { #expect(unsafe $0.skew(now: now) == nil) }
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
        let limit = unsafe AWSReply.elementLimit
        #expect(isReply(try frame(Array(repeating: ("a", "b"), count: limit))))
        #expect(!isReply(try frame(Array(repeating: ("a", "b"), count: limit + 1))))
    }

    @Test("a time is one that can be written, in an element of at most 40 bytes")
    func times() throws {
        let pairs = [
            ("a/Time", "2026-11-24T06:05:04.123Z"), ("b/Late", "10000-01-01T00:00:00Z"), ("c/None", "soon"),
        ]
        try unsafe withReply(pairs) {
            #expect(unsafe $0.time("Time") == 1_795_500_304)
            #expect(unsafe $0.time("Late") == nil && $0.time("None") == nil && $0.time("Missing") == nil)
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
        return unsafe buffer.withUnsafeBytes { unsafe Array($0) }
    }

    private func isReply(_ frame: [UInt8]) -> Bool {
        unsafe frame.span.bytes.withUnsafeBytes { unsafe AWSReply($0) != nil }
    }

    private func withReply(
        _ pairs: [(String, String)], outcome: ExchangeMessage.Outcome = .answered, status: UInt32 = 200,
        date: UInt64 = 0, _ body: (AWSReply) throws -> Void
    ) throws {
        let frame = try frame(pairs, outcome: outcome, status: status, date: date)
        try unsafe frame.span.bytes.withUnsafeBytes { bytes in
            let reply = unsafe AWSReply(bytes)
            guard let reply = unsafe reply else {
                Issue.record("it is no reply")
                return
            }
            try unsafe body(reply)
        }
    }
}
