package import AgentProtocol

/// What the end of a request says of the proxy on its way.
package struct ProxyView: Sendable {
    private let proxy: ProxyURL?
    private let variable: String

    package init(_ route: ProxySettings.Route, variable: String) {
        if case .proxy(let proxy) = route { self.proxy = proxy } else { proxy = nil }
        self.variable = variable
    }

    /// Host and port of the proxy, and where they come from; never the user or the password.
    package var place: String { proxy.map { "\($0.place) (from \(variable))" } ?? "" }

    /// The outcome of a request that ended with `plain`, seen from a client that may be behind a proxy.
    ///
    /// - Parameters:
    ///   - connectStatus: what the proxy answered to CONNECT; 0 for nothing.
    ///   - isOfProxy: whether the error is one that only proxies cause.
    package func outcome(
        _ plain: ExchangeMessage.Outcome, connectStatus: UInt32, isOfProxy: Bool
    ) -> ExchangeMessage.Outcome {
        guard let proxy, plain != .answered, !(200...299).contains(connectStatus) else { return plain }
        if connectStatus == 407, proxy.hasLogin { return .proxyRefusedLogin }
        if connectStatus != 0 { return .proxyRefused }
        switch plain {
        case .hostNotFound: return isOfProxy ? .proxyNotFound : plain
        case .cannotConnect: return .proxyUnreachable
        case .tls: return proxy.isTLS ? .proxyTLS : plain
        // Behind SOCKS nothing tells whether the tunnel stood.
        case .timeout: return proxy.isHTTP ? .proxyTimeout : plain
        case .other: return proxy.isHTTP || isOfProxy ? .proxyBroken : plain
        default: return plain
        }
    }
}

extension ExchangeMessage.Outcome {
    /// Whether its words name a proxy.
    package var isOfProxy: Bool { rawValue >= Self.proxyInvalid.rawValue }
}
