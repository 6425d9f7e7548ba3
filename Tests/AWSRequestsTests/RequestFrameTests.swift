import AWSValues
import AgentProtocol
import SecureMemory
import Testing

@testable import AWSRequests

struct RequestFrameTests {
    @Test("a frame holds what botocore serialises and signs", arguments: KnownRequest.all.indices)
    func known(_ place: Int) throws {
        let known = KnownRequest.all[place]
        let endpoint = try AWSEndpoint(known.operation.service, region: known.region)
        let fields = try Fields(known.operation, endpoint, secret: known.secret, token: known.token)
        #expect(fields.url == known.url)
        #expect(fields.body == known.body)
        #expect(fields.headers.contains("Authorization: \(known.authorization)\n"))
        #expect(fields.headers.contains("X-Amz-Date: 20261124T060504Z\n"))
        #expect(fields.headers.contains("X-Amz-Security-Token:") == (known.token != nil))
        // A key is made once, and a code is taken once.
        let isOnce = known.operation == .createAccessKey || fields.body.contains("&TokenCode=")
        #expect(fields.flags == (isOnce ? 0 : 1))
    }

    @Test("an endpoint of the entry's own is signed with its port and its path")
    func ownEndpoint() throws {
        let endpoint = try AWSEndpoint(
            .sts, region: "eu-west-1", url: "http://127.0.0.1:5000/x y".replacing(" ", with: ""))
        let fields = try Fields(.getCallerIdentity, endpoint, secret: "x", token: nil)
        #expect(fields.url == "http://127.0.0.1:5000/xy")
        #expect(fields.headers.contains("Host: 127.0.0.1:5000\n"))
        #expect(fields.headers.contains("/eu-west-1/sts/aws4_request"))
    }

    @Test("a request for another service, without a code, or with a code that is none is refused")
    func mismatch() throws {
        let sts = try AWSEndpoint(.sts)
        #expect(throws: RequestError.mismatch) {
            try Fields(.listAccessKeys(marker: nil), sts, secret: "x", token: nil)
        }
        let session = AWSOperation.getSessionToken(seconds: 900, serial: "GAHT12345678")
        for code in [nil, "", "12 345", "1&Action=x"] as [String?] {
            #expect(throws: RequestError.noSecret) {
                try Fields(session, sts, secret: "x", token: nil, code: code)
            }
        }
    }

    @Test("a request that is too long is refused, and says so")
    func tooLong() throws {
        var role = AWSOperation.RoleRequest(roleARN: "x", sessionName: "x", seconds: 900)
        role.policy = String(repeating: "x", count: 40_000)
        let sts = try AWSEndpoint(.sts)
        #expect(throws: RequestError.tooLong) { try Fields(.assumeRole(role), sts, secret: "x", token: nil) }
    }
}

struct AWSEndpointTests {
    @Test(
        "each partition has its hosts, and signs for its regions",
        arguments: [
            ("us-east-1", "sts.us-east-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
            ("eu-central-1", "sts.eu-central-1.amazonaws.com", "iam.amazonaws.com", "us-east-1"),
            (
                "cn-northwest-1", "sts.cn-northwest-1.amazonaws.com.cn", "iam.cn-north-1.amazonaws.com.cn",
                "cn-north-1"
            ),
            ("us-gov-east-1", "sts.us-gov-east-1.amazonaws.com", "iam.us-gov.amazonaws.com", "us-gov-west-1"),
            (
                "us-isob-west-1", "sts.us-isob-west-1.sc2s.sgov.gov", "iam.us-isob-east-1.sc2s.sgov.gov",
                "us-isob-east-1"
            ),
        ])
    func partitions(region: String, sts: String, iam: String, scope: String) throws {
        let endpoint = try AWSEndpoint(.sts, region: region)
        #expect((endpoint.host, endpoint.region, endpoint.url) == (sts, region, "https://\(sts)/"))
        let other = try AWSEndpoint(.iam, region: region)
        #expect((other.host, other.region) == (iam, scope))
    }

    @Test(
        "what would put the request elsewhere is no region, whatever the endpoint",
        arguments: [
            "", "evil.example/", "us-east-1.evil", "US-EAST-1", "a@b", "ü", String(repeating: "a", count: 64),
        ])
    func regions(_ region: String) {
        for url in [nil, "https://sts.example/"] {
            #expect(throws: AWSEndpoint.Fault.region(.form)) {
                try AWSEndpoint(.sts, region: region, url: url)
            }
        }
    }

    @Test("a region that AWS does not have is signed for at an endpoint of its own, and nowhere else")
    func foreignRegions() throws {
        #expect(throws: AWSEndpoint.Fault.region(.foreign)) { try AWSEndpoint(.sts, region: "auto") }
        #expect(throws: AWSEndpoint.Fault.region(.unknownPartition)) {
            try AWSEndpoint(.sts, region: "us-isox-east-1")
        }
        let own = try AWSEndpoint(.sts, region: "auto", url: "https://sts.example/")
        #expect((own.host, own.region) == ("sts.example", "auto"))
        let global = try AWSEndpoint(.sts, region: "aws-global")
        #expect((global.host, global.region) == ("sts.us-east-1.amazonaws.com", "us-east-1"))
    }

    @Test(
        "an endpoint is https, or on this machine, and nothing but host, port and path",
        arguments: [
            ("https://sts.example", "sts.example"), ("https://sts.example:443/", "sts.example"),
            ("https://sts.example:8443/a", "sts.example:8443"), ("http://localhost", "localhost"),
            ("http://[::1]:80/", "[::1]"), ("http://[::1]:81/", "[::1]:81"),
            ("https://[2001:db8::1]", "[2001:db8::1]"),
            ("https://sts.example//a", nil), ("https://sts.example/a//", nil),
            ("https://sts.example/./a", nil),
            ("https://sts.example/a/..", nil), ("https://sts.example/.a/b..c/", "sts.example"),
            ("http://sts.example", nil), ("http://127.0.0.1.evil", nil), ("http://localhost@evil", nil),
            ("https://", nil), ("https://a:0", nil), ("https://a:65536", nil), ("https://a:x", nil),
            ("https://a:", nil),
            ("https://user@a", nil), ("https://a?b", nil), ("https://a#b", nil), ("https://a b", nil),
            ("https://a\nHost: b", nil), ("file:///etc", nil), ("a", nil), ("https://[::1", nil),
            ("https://[x]", nil),
            ("https://[]", nil), ("https://a/%0d%0a", nil), ("https://[::1]x", nil),
            ("https://" + String(repeating: "a", count: 505), nil),
        ] as [(String, String?)])
    func urls(url: String, host: String?) throws {
        guard let host else {
            #expect(throws: AWSEndpoint.Fault.self) { try AWSEndpoint(.sts, url: url) }
            return
        }
        #expect(try AWSEndpoint(.sts, url: url).host == host)
    }
}

/// The fields of a request frame, which in a test are no secret.
private struct Fields {
    let url, headers, body: String
    let flags: UInt32

    @discardableResult
    init(
        _ operation: AWSOperation, _ endpoint: AWSEndpoint, secret: String, token: String?,
        code: String? = KnownRequest.code
    ) throws {
        var frame = try SecretBuffer(capacity: 100, limit: AgentMessage.frameLimit + 4)
        let time = KnownRequest.time
        let (secret, token, code) = (
            Array(secret.utf8), token.map { Array($0.utf8) }, code.map { Array($0.utf8) }
        )
        try operation.appendFrame(
            to: &frame, endpoint: endpoint,
            signer: RequestSigner(
                accessKeyID: "ASIAIOSFODNN7EXAMPLE", secretAccessKey: secret.rawSpan,
                sessionToken: token?.rawSpan),
            code: code?.rawSpan, time: time, milliseconds: 20_000)
        var fields: [[UInt8]] = []
        if var reader = FrameReader(frame.bytes), reader.kind == ExchangeMessage.request {
            while let field = reader.next() { fields.append([UInt8](field)) }
        }
        try #require(fields.count == 6)
        url = String(decoding: fields[0], as: UTF8.self)
        headers = String(decoding: fields[1], as: UTF8.self)
        body = String(decoding: fields[2], as: UTF8.self)
        flags = fields[5].reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
