import AWSValues
import SecureMemory
import Testing

@testable import AWSRequests

@Suite("AWS's signing suite")
struct SigningSuiteTests {
    @Test("the canonical request and the signature are AWS's", arguments: SigningCase.all)
    func signs(_ example: SigningCase) throws {
        let request = try example.canonicalRequest()
        let text = String(decoding: [UInt8](request.bytes), as: UTF8.self)
        #expect(text == example.canonical)
        let secret = Array("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".utf8)
        let header = try SigningCase.signature.authorization(request, secret: secret.rawSpan)
        #expect(
            header
                == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=\(example.signedHeaders), Signature=\(example.signature)"
        )
    }

    @Test("headers are signed in the order of their names, and those of one name joined with a comma")
    func headers() throws {
        let headers = [("X-B", "2"), ("Host", "h"), ("A", " 1  1 "), ("x-b", "1")]
        let request = try CanonicalRequest(
            method: "POST", path: "/", headers: headers, bodyDigest: "d")
        #expect(request.signedHeaders == "a;host;x-b")
        let text = String(decoding: [UInt8](request.bytes), as: UTF8.self)
        #expect(text == "POST\n/\n\na:1 1\nhost:h\nx-b:2,1\n\na;host;x-b\nd")
    }

    @Test(
        "a query is encoded once and sorted by names, then by values",
        arguments: [
            ("b=2&a=1&b=1", "a=1&b=1&b=2"), ("a=%41", "a=A"), ("a=%c3%a9", "a=%C3%A9"), ("a=%2f", "a=%2F"),
            ("a=%2", "a=%252"), ("a=%", "a=%25"), ("a=%zz", "a=%25zz"), ("a", "a="), ("a=b=c", "a=b%3Dc"),
            ("a b=ä", "a%20b=%C3%A4"), ("", ""),
        ])
    func query(_ query: String, encoded: String) { #expect(PercentEncoding.query(query) == encoded) }

    @Test(
        "a path keeps the slash at its end, and leads nowhere above its beginning",
        arguments: [
            ("/a/", "/a/"), ("/a", "/a"), ("/a/../b/", "/b/"), ("/../a", "/a"), ("/a/./b", "/a/b"),
            ("//", "/"),
            ("/a%20b", "/a%2520b"), ("/ä", "/%C3%A4"),
        ])
    func path(_ path: String, encoded: String) {
        #expect(PercentEncoding.path(path, isNormalized: true) == encoded)
    }
}

/// A request of the suite, and what AWS makes of it.
struct SigningCase: Sendable, CustomTestStringConvertible {
    enum Option { case normalized, signsBody }

    let testDescription: String
    let canonical: String
    let signature: String
    private let options: [Option]
    private let token: String?
    private let request: String

    static let signature = Signature(
        accessKeyID: "AKIDEXAMPLE", region: "us-east-1", service: "service", time: "20150830T123600Z")

    init(
        _ name: String, _ options: [Option], token: String?, request: String, canonical: String,
        signature: String
    ) {
        testDescription = name
        self.options = options
        self.token = token
        self.request = request
        self.canonical = canonical
        self.signature = signature
    }

    /// The last line but one of a canonical request.
    var signedHeaders: String { String(canonical.split(separator: "\n").dropLast().last ?? "") }

    func canonicalRequest() throws -> CanonicalRequest {
        var lines = request.split(separator: "\n", omittingEmptySubsequences: false)
        let first = lines.removeFirst()
        let start = try #require(first.firstIndex(of: " "))
        let end = try #require(first.lastIndex(of: " "))
        let target = first[first.index(after: start)..<end].split(
            separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var headers: [(name: String, value: String)] = []
        while let line = lines.first, !line.isEmpty {
            lines.removeFirst()
            if line.hasPrefix(" "), let last = headers.indices.last {
                headers[last].value += "\n" + line
            } else if let colon = line.firstIndex(of: ":") {
                headers.append((String(line[..<colon]), String(line[line.index(after: colon)...])))
            }
        }
        let body = lines.dropFirst().joined(separator: "\n")
        let bytes = Array(body.utf8)
        let digest = Hex.digest(bytes.rawSpan)
        headers.append(("X-Amz-Date", Self.signature.time))
        if options.contains(.signsBody) { headers.append(("x-amz-content-sha256", digest)) }
        let token = token.map { Array($0.utf8) }
        return try CanonicalRequest(
            method: String(first[..<start]), path: String(target[0]),
            query: target.count > 1 ? String(target[1]) : "", headers: headers, token: token?.rawSpan,
            bodyDigest: digest, isNormalized: options.contains(.normalized))
    }
}
