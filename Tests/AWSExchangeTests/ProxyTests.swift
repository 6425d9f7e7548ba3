import AgentProtocol
import Testing

@testable import AWSExchange

@Suite("Proxies")
struct ProxyTests {
    private static let aws = URLTarget("https://sts.eu-west-1.amazonaws.com/")

    private func route(_ variables: [String: String], _ url: String = "https://sts.eu-west-1.amazonaws.com/")
        throws -> ProxySettings.Route
    {
        try ProxySettings { variables[$0] }.route(to: #require(URLTarget(url)))
    }

    @Test(
        "the variables that curl, git and Python read name the proxy, the particular ones first",
        arguments: [
            (["HTTPS_PROXY": "a:1"], "HTTPS_PROXY", "a:1"), (["https_proxy": "b:1"], "https_proxy", "b:1"),
            (["ALL_PROXY": "c:1"], "ALL_PROXY", "c:1"), (["all_proxy": "d:1"], "all_proxy", "d:1"),
            (["all_proxy": "d:1", "https_proxy": "b:1"], "https_proxy", "b:1"),
            (["HTTPS_PROXY": "", "ALL_PROXY": "c:1"], "ALL_PROXY", "c:1"),
            (["HTTPS_PROXY": String(repeating: "x", count: 2049)], "", ""), (["HTTP_PROXY": "e:1"], "", ""),
            (["http_proxy": "e:1"], "", ""), ([:], "", ""),
        ] as [([String: String], String, String)])
    func variables(values: [String: String], name: String, place: String) throws {
        let settings = ProxySettings { values[$0] }
        #expect(settings.variable == name)
        #expect(try route(values) == (ProxyURL(place).map { .proxy($0) } ?? .direct))
    }

    @Test(
        "of a proxy's URL people see host and port alone",
        arguments: [
            ("http://alice:s3cret@proxy.example:3128/", "proxy.example:3128", true, false),
            ("proxy.example", "proxy.example:80", true, false), ("HTTPS://proxy", "proxy:443", true, true),
            ("http://a:p@ss@10.0.0.1:8080", "10.0.0.1:8080", true, false),
            ("socks5h://u:p@[::1]", "[::1]:1080", false, false),
            ("http://[2001:db8::1]:3128", "[2001:db8::1]:3128", true, false),
            ("a:b@c:1", "c:1", true, false), ("http://proxy:3128?x=s3cret", "proxy:3128", true, false),
        ])
    func place(url: String, place: String, isHTTP: Bool, isTLS: Bool) throws {
        let proxy = try #require(ProxyURL(url))
        #expect((proxy.place, proxy.isHTTP, proxy.isTLS, proxy.url) == (place, isHTTP, isTLS, url))
    }

    @Test(
        "what cannot be a proxy is told without its text",
        arguments: [
            "ftp://x", "file:///etc", "http://", "http://user:password@", "http://a:0", "http://a:65536",
            "http://a:x",
            "http://a b", "http://ä", "http://a\nb", ":3128", "http://[::1", "http://%41",
        ])
    func invalid(_ url: String) throws { #expect(try route(["HTTPS_PROXY": url]) == .invalid) }

    @Test(
        "NO_PROXY lists names with all below them, addresses and blocks of them",
        arguments: [
            ("*", true), ("amazonaws.com", true), (".amazonaws.com", true), ("*.amazonaws.com", true),
            ("x, amazonaws.com", true), ("x amazonaws.com", true), ("STS.eu-west-1.AmazonAWS.com", true),
            ("sts.eu-west-1.amazonaws.com.", true), ("amazonaws.com:443", true), ("amazonaws.com:80", false),
            ("azonaws.com", false), ("eu-west-1", false), ("", false), (",", false), (".", false),
            ("0.0.0.0/0", false),
        ])
    func exceptions(list: String, isHeld: Bool) throws {
        for name in ["NO_PROXY", "no_proxy"] {
            let route = try route(["HTTPS_PROXY": "p:1", name: list])
            #expect(route == (isHeld ? .direct : .proxy(try #require(ProxyURL("p:1")))))
        }
    }

    @Test(
        "addresses are compared as addresses",
        arguments: [
            ("10.1.2.3", "https://10.1.2.3/", true), ("10.1.0.0/16", "https://10.1.2.3/", true),
            ("10.1.0.0/16", "https://10.2.2.3/", false), ("10.1.2.3/32", "https://10.1.2.3/", true),
            ("10.1.2.3/33", "https://10.1.2.3/", false), ("10.1.2.3/x", "https://10.1.2.3/", false),
            ("2.3", "https://10.1.2.3/", false), ("[2001:db8::1]", "https://[2001:db8::1]:8443/", true),
            ("2001:db8::/32", "https://[2001:db8::1]/", true),
            ("2001:db9::/32", "https://[2001:db8::1]/", false),
            ("10.0.0.0/9", "https://10.127.0.1/", true), ("10.0.0.0/9", "https://10.128.0.1/", false),
        ])
    func addresses(list: String, url: String, isHeld: Bool) throws {
        let route = try route(["HTTPS_PROXY": "p:1", "NO_PROXY": list], url)
        #expect((route == .direct) == isHeld)
    }

    @Test(
        "this machine is reached without a proxy",
        arguments: ["http://127.0.0.1:5000/", "http://localhost/", "https://[::1]/"])
    func local(_ url: String) throws { #expect(try route(["HTTPS_PROXY": "p:1"], url) == .direct) }

    @Test(
        "a failure before the tunnel stands is the proxy's, and one after it is not",
        arguments: [
            ("http://p:1", .cannotConnect, 0, false, .proxyUnreachable),
            ("http://p:1", .timeout, 0, false, .proxyTimeout),
            ("http://p:1", .other, 0, false, .proxyBroken), ("http://p:1", .other, 407, false, .proxyRefused),
            ("http://u:s@p:1", .other, 407, false, .proxyRefusedLogin),
            ("http://u:s@p:1", .other, 403, false, .proxyRefused),
            ("http://p:1", .hostNotFound, 0, true, .proxyNotFound),
            ("https://p:1", .tls, 0, false, .proxyTLS),
            ("http://p:1", .tls, 200, false, .tls), ("https://p:1", .tls, 200, false, .tls),
            ("http://p:1", .timeout, 200, false, .timeout), ("http://p:1", .other, 200, false, .other),
            ("http://p:1", .answered, 0, false, .answered),
            ("http://p:1", .timeout, 502, false, .proxyRefused),
            ("socks5://p:1", .cannotConnect, 0, false, .proxyUnreachable),
            ("socks5://p:1", .tls, 0, false, .tls),
            ("socks5://p:1", .timeout, 0, false, .timeout), ("socks5://p:1", .other, 0, false, .other),
            ("socks5://p:1", .other, 0, true, .proxyBroken),
            ("socks5://p:1", .hostNotFound, 0, false, .hostNotFound),
            (nil, .cannotConnect, 0, false, .cannotConnect), (nil, .other, 0, true, .other),
        ] as [(String?, ExchangeMessage.Outcome, UInt32, Bool, ExchangeMessage.Outcome)])
    func blame(
        url: String?, plain: ExchangeMessage.Outcome, status: UInt32, isOfProxy: Bool,
        outcome: ExchangeMessage.Outcome
    ) throws {
        let route = try url.map { ProxySettings.Route.proxy(try #require(ProxyURL($0))) } ?? .direct
        let view = ProxyView(route, variable: "ALL_PROXY")
        #expect(view.outcome(plain, connectStatus: status, isOfProxy: isOfProxy) == outcome)
        #expect(view.place == (url == nil ? "" : "p:1 (from ALL_PROXY)"))
    }
}
