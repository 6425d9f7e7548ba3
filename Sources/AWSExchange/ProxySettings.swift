import AWSValues

/// What the environment says of proxies: which one to use, and for which hosts none.
///
/// As in curl, git and Python, `HTTPS_PROXY` goes before `ALL_PROXY`; `HTTP_PROXY` is for plain requests, of which
/// there are none beyond this machine.
package struct ProxySettings: Equatable, Sendable {
    /// The variable that names the proxy.
    package let variable: String
    private let url: String
    private let exceptions: String

    /// The names of all variables that count, the first ones first.
    package static let variables = [
        "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
    ]
    /// The most bytes of a value.
    private static let limit = 2048

    /// - Parameter value: the value of a variable of the environment.
    package init(_ value: (String) -> String?) {
        func filled(_ name: String) -> String? {
            value(name).flatMap { $0.isEmpty || $0.utf8.count > Self.limit ? nil : $0 }
        }
        let named = Self.variables.prefix(4).first { filled($0) != nil }
        variable = named ?? ""
        url = named.flatMap { filled($0) } ?? ""
        exceptions = filled("NO_PROXY") ?? filled("no_proxy") ?? ""
    }

    /// How a request reaches its host.
    package enum Route: Equatable, Sendable {
        case direct
        case proxy(ProxyURL)
        /// The variable holds something else than the URL of a proxy.
        case invalid
    }

    package func route(to target: URLTarget) -> Route {
        if target.isLocal || url.isEmpty || ProxyExceptions(exceptions).hold(target) { return .direct }
        return ProxyURL(url).map { .proxy($0) } ?? .invalid
    }
}

/// The URL of a proxy. It may hold a password, so that only ``place`` is for people.
package struct ProxyURL: Equatable, Sendable {
    /// As it was written.
    package let url: String
    /// Host and port.
    package let place: String
    /// For a URL that has none.
    package let port: Int
    /// Whether it is spoken to by TLS.
    package let isTLS: Bool
    /// Whether it speaks HTTP, and not SOCKS.
    package let isHTTP: Bool
    /// Whether it has a user name, with a password or without.
    package let hasLogin: Bool

    /// Nil when it cannot be a proxy's: another scheme, no host, or no visible ASCII.
    package init?(_ text: String) {
        guard text.utf8.allSatisfy(\.isVisible) else { return nil }
        var rest = text[...]
        var scheme = "http"
        if let mark = text.firstRange(of: "://") {
            scheme = text[..<mark.lowerBound].lowercased()
            rest = text[mark.upperBound...]
        }
        guard let usual = Self.ports[scheme] else { return nil }
        let authority = rest.prefix { !"/?#".contains($0) }
        // A password may hold an @ of its own.
        let start = authority.lastIndex(of: "@").map { authority.index(after: $0) } ?? authority.startIndex
        let place = authority[start...]
        let hostEnd = place.hasPrefix("[") ? place.firstIndex(of: "]").map { place.index(after: $0) } : nil
        let host = place[..<(hostEnd ?? place.firstIndex(of: ":") ?? place.endIndex)]
        let digits = place[host.endIndex...]
        guard !host.isEmpty, host.utf8.allSatisfy(Self.isHostCharacter) else { return nil }
        if !digits.isEmpty {
            guard digits.hasPrefix(":"), let number = Int(digits.dropFirst()), (1...65_535).contains(number)
            else { return nil }
        }
        url = text
        hasLogin = start != authority.startIndex
        port = usual
        self.place = digits.isEmpty ? "\(host):\(usual)" : String(place)
        isTLS = scheme == "https"
        isHTTP = scheme.hasPrefix("http")
    }

    /// The schemes that a proxy may have, and the ports that other AWS clients take for them.
    private static let ports = [
        "http": 80, "https": 443, "socks4": 1080, "socks4a": 1080, "socks5": 1080, "socks5h": 1080,
    ]

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        byte.isLetter || byte.isDigit || "-._:[]".utf8.contains(byte)
    }
}
