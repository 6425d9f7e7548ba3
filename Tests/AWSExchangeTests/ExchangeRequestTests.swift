import AgentProtocol
import DurableFiles
import Platform
import SecureMemory
import TestSupport
import Testing

@testable import AWSExchange

@Suite("What sealring-aws is asked, and when it asks again")
struct ExchangeRequestTests {
    private func milliseconds(_ asked: UInt32) throws -> Int64? {
        var frame = try SecretBuffer(capacity: 200, limit: 1000)
        let start = try frame.beginFrame(ExchangeMessage.request)
        for text in ["https://sts.example/", "A: b\n", "", ""] { try frame.appendField(text) }
        try frame.appendField(asked)
        try frame.appendField(UInt32(0))
        try frame.endFrame(start)
        return ExchangeRequest(frame.bytes)?.milliseconds
    }

    @Test(
        "a request takes a second at least, and 30 at most",
        arguments: [(0, 1000), (999, 1000), (8000, 8000), (30_001, 30_000), (UInt32.max, 30_000)]
            as [(UInt32, Int64)])
    func time(asked: UInt32, given: Int64) throws { #expect(try milliseconds(asked) == given) }

    @Test("a connection that is lost leaves time for another one")
    func connecting() {
        #expect(RetryPolicy.connecting(within: 20_000) == 5000)
        #expect(RetryPolicy.connecting(within: 3000) == 3000)
    }

    @Test(
        "what may pass is tried again, and a refusal is not",
        arguments: [
            (.timeout, 0, "", true, true), (.cannotConnect, 0, "", true, true), (.other, 0, "", true, true),
            (.answered, 429, "", false, true), (.answered, 503, "", false, true),
            (.answered, 500, "", false, true),
            (.answered, 400, "Throttling", false, true), (.malformed, 502, "", false, true),
            (.answered, 200, "", true, true),
            (.answered, 403, "AccessDenied", false, false), (.answered, 200, "", false, false),
            (.malformed, 200, "", false, false),
            (.answered, 600, "", false, false), (.tls, 0, "", true, false),
            (.hostNotFound, 0, "", true, false),
            (.tooLarge, 200, "", false, false), (.redirect, 301, "", true, false),
            (.caBundle, 0, "", true, false),
            (.proxyUnreachable, 0, "", true, true), (.proxyTimeout, 0, "", true, true),
            (.proxyBroken, 0, "", true, true),
            (.proxyRefused, 502, "", true, true), (.proxyRefused, 407, "", true, false),
            (.proxyTLS, 0, "", true, false),
        ] as [(ExchangeMessage.Outcome, UInt32, String, Bool, Bool)])
    func transient(
        outcome: ExchangeMessage.Outcome, status: UInt32, code: String, isEmpty: Bool, isAgain: Bool
    ) {
        #expect(
            RetryPolicy.isTransient(outcome, status: status, errorCode: code, isEmpty: isEmpty) == isAgain)
    }

    @Test("pauses grow, and are bounded")
    func pauses() {
        #expect((1...6).map(RetryPolicy.longestPause) == [200, 400, 800, 1600, 2000, 2000])
        #expect((0..<50).allSatisfy { _ in (0...200).contains(RetryPolicy.pause(afterTry: 1)) })
    }

    @Test(
        "a URL is taken apart into its host and its port",
        arguments: [
            ("https://sts.example/", "sts.example", 443), ("https://sts.example:8443/x", "sts.example", 8443),
            ("http://127.0.0.1:5000/", "127.0.0.1", 5000), ("https://[2001:db8::1]:1/", "2001:db8::1", 1),
        ])
    func target(url: String, host: String, port: Int) throws {
        let target = try #require(URLTarget(url))
        #expect((target.host, target.port) == (host, port))
    }
}

@Suite("The file of certificates to trust")
struct CertificateFileTests {
    private let scratch = Scratch()
    private var folder: String { scratch.path }
    private var path: String { scratch("ca.pem") }
    private static let text = "# mine\n-----BEGIN CERTIFICATE-----\nx\n"

    private func with(_ text: String = text, mode: mode_t = 0o644, _ body: () throws -> Void) throws {
        try scratch.put(Array(text.utf8), at: "ca.pem", mode: mode)
        try body()
    }

    private func isUntrusted() -> Bool? {
        do {
            _ = try CertificateFile.read(path)
            return nil
        } catch {
            #expect(error.reason.contains(folder))
            return error.isUntrusted
        }
    }

    @Test("a file of this user's in a directory of this user's is read whole")
    func whole() throws {
        try with {
            let bytes = try CertificateFile.read(path)
            #expect(bytes == Array(Self.text.utf8))
        }
    }

    @Test("a file that others may write is not trusted", arguments: [0o664, 0o646] as [mode_t])
    func writable(mode: mode_t) throws { try with(mode: mode) { #expect(isUntrusted() == true) } }

    @Test("a file in a directory that others may write is not trusted, unless its files are their owners'")
    func openDirectory() throws {
        try with {
            for (mode, expected) in [(0o777, true), (0o720, true), (0o1777, nil), (0o755, nil)]
                as [(mode_t, Bool?)]
            {
                #expect(unsafe chmod(folder, mode) == 0)
                #expect(isUntrusted() == expected)
            }
        }
    }

    @Test("a file or a directory of another user is not trusted", .enabled(if: geteuid() == 0))
    func foreign() throws {
        try with {
            #expect(unsafe chown(path, 65_534, 0) == 0)
            #expect(isUntrusted() == true)
            #expect(unsafe chown(path, 0, 0) == 0)
            #expect(isUntrusted() == nil)
            #expect(unsafe chown(folder, 65_534, 0) == 0)
            #expect(isUntrusted() == true)
        }
    }

    @Test("what holds no certificate, is too large, or is not there has a name")
    func others() throws {
        #expect(throws: CertificateFile.Fault.file(.missing(path: path))) { try CertificateFile.read(path) }
        try with("none") {
            #expect(throws: CertificateFile.Fault.noCertificate(path: path)) {
                try CertificateFile.read(path)
            }
            #expect(isUntrusted() == false)
            #expect(unsafe truncate(path, 1 << 40) == 0)
            #expect(throws: CertificateFile.Fault.file(.tooLarge(path: path, limit: 4 << 20))) {
                try CertificateFile.read(path)
            }
            #expect(unsafe unlink(path) == 0)
            #expect(unsafe symlink("/etc/hostname", path) == 0)
            #expect(isUntrusted() == true)
        }
    }
}
