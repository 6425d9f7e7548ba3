import AWSRequests
import ProgramSupport
import SecureMemory

/// Whatever a reply says, what is told of it fits into a line of a terminal, and no time or clock goes wild.
func checkReply(_ input: [UInt8]) throws {
    guard let reply = AWSReply(input.rawSpan) else { return }
    let now: Int64 = 1_700_000_000
    try require(
        abs(reply.skew(now: now) ?? 0) <= 900, "a clock is believed to be off by 15 minutes")
    if let time = reply.time("Credentials/Expiration") {
        try require((0...253_402_300_799).contains(time), "a time is one that can be written")
    }
    for text in reply.texts("AccessKeyMetadata/member/AccessKeyId", limit: 128) where !text.isEmpty {
        try require(isShowable(text), "a text can be shown")
    }
    guard !reply.isSuccess else { return }
    var context = RequestContext(action: "ask", name: "prod", identity: "AKIA", host: "sts.amazonaws.com")
    context.skew = reply.skew(now: now)
    let failure = Failure(reply, context)
    try require(isShowable(failure.message), "a message can be shown: \(failure.message)")
    try require(failure.message.utf8.count < 2000, "a message is short")
    try require(failure.hint.map(isShowable) ?? true, "a cure can be shown")
}
