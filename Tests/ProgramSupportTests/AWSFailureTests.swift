import AWSRequests
import AgentProtocol
import ProgramSupport
import SecureMemory
import Testing

@Suite("What is said of AWS's refusals")
struct AWSFailureTests {
    private func failure(
        outcome: ExchangeMessage.Outcome = .answered, code: String = "", message: String = "no",
        status: UInt32 = 403,
        _ change: (inout RequestContext) -> Void = { _ in }
    ) throws -> Failure {
        var frame = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit)
        let start = try frame.beginFrame(ExchangeMessage.reply)
        try frame.appendField(outcome.rawValue)
        try frame.appendField(outcome == .answered ? "" : "some detail")
        try frame.appendField(status)
        try frame.appendField(UInt64(0))
        for (path, value) in [("Error/Code", code), ("Error/Message", message), ("RequestId", "r-1")] {
            try frame.appendField("ErrorResponse/" + path)
            try frame.appendField(value)
        }
        try frame.endFrame(start)
        var context = RequestContext(
            action: "assume arn:aws:iam::123456789012:role/Admin", name: "admin",
            identity: "AKIAIOSFODNN7EXAMPLE",
            host: "sts.amazonaws.com")
        change(&context)
        guard let reply = AWSReply(frame.bytes) else { throw AgentError.malformed }
        return Failure(reply, context)
    }

    @Test(
        "a refusal says what, who and the cure",
        arguments: [
            (
                "InvalidClientTokenId", "does not know the key AKIAIOSFODNN7EXAMPLE", "deactivated",
                .notPermitted
            ),
            ("SignatureDoesNotMatch", "does not accept the secret", "import the key again", .notPermitted),
            ("ExpiredToken", "have expired", "sealring clear", .notPermitted),
            (
                "AccessDenied", "AKIAIOSFODNN7EXAMPLE may not assume arn:aws:iam::123456789012:role/Admin",
                "trust policy", .notPermitted
            ),
            ("LimitExceeded", "has two access keys", "sealring rotate admin", .notPermitted),
            ("NoSuchEntity", "did not find", "sealring verify", .missing),
            ("Throttling", "AWS is busy", "try again", .unavailable),
            ("Unheard", "refused to assume", "", .notPermitted),
        ] as [(String, String, String, Failure.Code)])
    func refused(code: String, says: String, cure: String, exit: Failure.Code) throws {
        let failure = try failure(code: code)
        #expect(failure.code == exit && failure.message.contains(says), "\(failure.message)")
        #expect(failure.message.contains("\(code): no") && failure.message.hasSuffix("(request r-1)"))
        #expect((failure.hint ?? "").contains(cure))
    }

    @Test("a wrong clock is told with its measure")
    func clock() throws {
        for code in ["SignatureDoesNotMatch", "RequestExpired"] {
            let behind = try failure(code: code) { $0.skew = 600 }
            #expect(
                behind.message.contains("10m behind")
                    && behind.hint?.contains("set the clock") ?? false)
            #expect(try failure(code: code) { $0.skew = -600 }.message.contains("10m ahead"))
        }
        #expect(
            try failure(code: "RequestExpired") { $0.skew = 900 }.message.contains(
                "15m or more behind"))
        #expect(try failure(code: "SignatureDoesNotMatch") { $0.skew = 5 }.message.contains("the secret"))
    }

    @Test("a wrong MFA code, a session without MFA and a long chain have words of their own")
    func particular() throws {
        let code = try failure(
            code: "AccessDenied",
            message: "MultiFactorAuthentication failed with invalid MFA one time pass code.")
        #expect(code.message.contains("AWS rejected the MFA code"))
        let named = try failure(code: "AccessDenied", message: "not authorized to assume role/ForceMFA")
        #expect(named.message.contains("may not assume"), "no code was sent")
        let session = try failure(code: "InvalidClientTokenId") {
            $0.isOfIAM = true
            $0.isSession = true
        }
        #expect(
            session.message.contains("made without MFA, or its key no longer exists")
                && session.hint?.contains("--mfa-serial") ?? false)
        for (isOfIAM, isSession) in [(true, false), (false, true)] {
            let key = try failure(code: "InvalidClientTokenId") {
                $0.isOfIAM = isOfIAM
                $0.isSession = isSession
            }
            #expect(key.message.contains("does not know the key"))
        }
        let bare = try failure(code: "AccessDenied") { $0.isOfIAM = true }
        #expect(bare.hint?.contains("sealring mfa set admin --mfa-serial") ?? false)
        let text =
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        let chain = try failure(code: "ValidationError", message: text, status: 400) { $0.isChained = true }
        #expect(chain.message.contains("at most 1h") && chain.code == .malformed)
        #expect(
            try failure(code: "ValidationError", message: text, status: 400).message.contains(
                "does not allow sessions that long"))
    }

    @Test(
        "what stands in the way of an answer has a name",
        arguments: [
            (.hostNotFound, "was not found", .unavailable),
            (.cannotConnect, "cannot be reached", .unavailable),
            (.tls, "could not verify the certificate", .unavailable),
            (.timeout, "did not answer in time", .unavailable),
            (.tooLarge, "is too large", .malformed), (.malformed, "not one of AWS's", .malformed),
            (.redirect, "a redirect", .malformed), (.caBundle, "CA bundle", .missing),
            (.caBundleUntrusted, "other users can change", .notPermitted),
            (.badRequest, "could not be made", .unavailable), (.other, "could not be made", .unavailable),
        ] as [(ExchangeMessage.Outcome, String, Failure.Code)])
    func unanswered(outcome: ExchangeMessage.Outcome, says: String, exit: Failure.Code) throws {
        let failure = try failure(outcome: outcome)
        #expect(failure.message.contains(says) && failure.code == exit, "\(failure.message)")
    }

    @Test(
        "what a proxy does is never said of AWS",
        arguments: [
            (.proxyInvalid, 0, "invalid proxy in some detail", "http://host:port"),
            (.proxyNotFound, 0, "proxy some detail is not found", "the network"),
            (.proxyUnreachable, 0, "cannot connect to the proxy some detail", "proxy runs"),
            (.proxyRefused, 407, "proxy some detail answered 407: it requires a user name", "user:password"),
            (
                .proxyRefused, 403, "answered 403: it does not allow connections to sts.amazonaws.com",
                "NO_PROXY"
            ),
            (.proxyRefusedLogin, 407, "answered 407: it rejected the user name and password", "the variable"),
            (.proxyRefused, 502, "answered 502: it could not connect to sts.amazonaws.com", "try again"),
            (.proxyTLS, 0, "proxy some detail does not speak TLS", "http:// instead of https://"),
            (.proxyTimeout, 0, "proxy some detail did not answer in time", "proxy runs"),
            (.proxyBroken, 0, "proxy some detail did not answer as a proxy", "https://"),
        ] as [(ExchangeMessage.Outcome, UInt32, String, String)])
    func proxies(outcome: ExchangeMessage.Outcome, status: UInt32, says: String, cure: String) throws {
        let failure = try failure(outcome: outcome, status: status)
        #expect(failure.message.contains(says) && failure.code == .unavailable, "\(failure.message)")
        #expect(failure.hint?.contains(cure) ?? false)
    }

    @Test("a hostile refusal reaches no terminal as it is, and stays short")
    func hostile() throws {
        let failure = try failure(
            code: "Bad\u{1B}[2J", message: String(repeating: "x\u{202E}", count: 4000))
        #expect(failure.message.utf8.count < 1200)
        #expect(!failure.message.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
    }
}
