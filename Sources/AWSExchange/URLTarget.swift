import AWSValues

/// Where a URL leads, as far as it is allowed to.
package struct URLTarget: Equatable, Sendable {
    package let isPlain: Bool
    /// Whether it goes to this machine, where no proxy is asked.
    package let isLocal: Bool
    /// The host, without the brackets of an address, and the port.
    package let host: String
    package let port: Int

    /// Nil for anything but `https://host[:port][/path]`, and `http` to this machine alone.
    package init?(_ url: String) {
        guard url.utf8.count <= 2048, url.utf8.allSatisfy(\.isVisible) else { return nil }
        isPlain = url.hasPrefix("http://")
        guard isPlain || url.hasPrefix("https://") else { return nil }
        let rest = url.dropFirst(isPlain ? 7 : 8)
        guard !rest.contains(where: { "?#@\\\"<>^`{|}".contains($0) }) else { return nil }
        let authority = rest.prefix { $0 != "/" }
        let host: Substring
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]") else { return nil }
            host = authority[...end]
        } else {
            host = authority.prefix { $0 != ":" }
        }
        guard !host.isEmpty else { return nil }
        isLocal = ["127.0.0.1", "[::1]", "localhost"].contains(host)
        if isPlain, !isLocal { return nil }
        self.host = String(host.hasPrefix("[") ? host.dropFirst().dropLast() : host)
        let digits = authority.dropFirst(host.count + 1)
        guard digits.isEmpty || Int(digits) != nil else { return nil }
        port = Int(digits) ?? (isPlain ? 80 : 443)
    }
}
