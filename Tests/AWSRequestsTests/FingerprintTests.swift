import AgentProtocol
import SecureMemory
import Testing

@testable import AWSRequests

@Suite("Fingerprints of requests, and the console's")
struct FingerprintTests {
    private func fingerprint(
        _ role: String = "arn:aws:iam::123456789012:role/A", name: String = "me",
        region: String = "eu-west-1",
        bundle: String = "", signer: String = "AKIA",
        _ change: (inout AWSOperation.RoleRequest) -> Void = { _ in }
    ) throws -> String {
        var request = AWSOperation.RoleRequest(roleARN: role, sessionName: name, seconds: 3600)
        change(&request)
        return RequestFingerprint.of(
            .assumeRole(request), endpoint: try AWSEndpoint(.sts, region: region), caBundle: bundle,
            signer: signer)
    }

    @Test("whatever a session depends on changes its fingerprint, and nothing else does")
    func different() throws {
        let all = try [
            fingerprint(), fingerprint("arn:aws:iam::123456789012:role/B"), fingerprint(name: "you"),
            fingerprint(region: "eu-west-2"), fingerprint(bundle: "/ca"), fingerprint(signer: "ASIA"),
            fingerprint(name: "me&DurationSeconds&3600"), fingerprint { $0.seconds = 900 },
            fingerprint { $0.policy = "{}" }, fingerprint { $0.policy = "{ }" },
            fingerprint { $0.policyARNs = ["p"] }, fingerprint { $0.tags = [.init(key: "k", value: "v")] },
            fingerprint { $0.transitiveTagKeys = ["k"] }, fingerprint { $0.externalID = "e" },
            fingerprint { $0.sourceIdentity = "s" }, fingerprint { $0.serial = "GAHT12345678" },
        ]
        #expect(Set(all).count == all.count && all.allSatisfy { $0.utf8.count == 64 })
        #expect(try fingerprint() == all[0])
    }

    @Test("the console's token is asked for where the session comes from")
    func console() throws {
        #expect(ConsoleSignin.url(sts: nil) == "https://signin.aws.amazon.com/federation")
        #expect(
            try ConsoleSignin.url(sts: AWSEndpoint(.sts, region: "cn-north-1"))
                == "https://signin.amazonaws.cn/federation")
        #expect(
            try ConsoleSignin.url(sts: AWSEndpoint(.sts, region: "eusc-de-east-1"))
                == "https://eusc-de-east-1.signin.amazonaws-eusc.eu/federation")
        #expect(
            try ConsoleSignin.url(sts: AWSEndpoint(.sts, url: "http://127.0.0.1:1/x"))
                == "http://127.0.0.1:1/x/federation")
        // A private endpoint of STS has none, and would get the session.
        #expect(
            try ConsoleSignin.url(sts: AWSEndpoint(.sts, region: "cn-north-1", url: "https://sts.example/"))
                == "https://signin.amazonaws.cn/federation")
    }

    @Test("the request for the token carries the session, encoded, and nothing that is signed")
    func request() throws {
        var frame = try SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit)
        let (key, token) = (Array("se/cr+et".utf8), Array("to\"ken".utf8))
        try ConsoleSignin.appendFrame(
            to: &frame, url: "https://signin.aws.amazon.com/federation", accessKeyID: "ASIAX",
            key: key.rawSpan, token: token.rawSpan, seconds: 900, caBundle: "", milliseconds: 1000)
        let text = String(decoding: [UInt8](frame.bytes), as: UTF8.self)
        #expect(
            text.contains(
                "Action=getSigninToken&SessionDuration=900&Session=%7B%22sessionId%22%3A%22ASIAX%22%2C%22sessionKey%22%3A%22se%2Fcr%2Bet%22%2C%22sessionToken%22%3A%22to%22ken%22%7D"
            ))
        #expect(!text.contains("Authorization"))
    }
}
