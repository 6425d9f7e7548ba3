import AgentProtocol

extension Failure {
    /// Why a proxy kept a request from its host.
    ///
    /// - Parameters:
    ///   - proxy: its host and port, and the variable that names it; of an invalid one the variable alone.
    ///   - status: what it answered; 0 for nothing.
    static func ofProxy(
        _ outcome: ExchangeMessage.Outcome, _ proxy: String, _ status: UInt32, host: String
    ) -> Failure {
        let (message, hint): (String, String) =
            switch outcome {
            case .proxyInvalid:
                (
                    "invalid proxy in \(proxy)",
                    "write it as http://host:port or http://user:password@host:port"
                )
            case .proxyNotFound:
                ("the proxy \(proxy) is not found", "check the variable, and the network")
            case .proxyUnreachable:
                ("cannot connect to the proxy \(proxy)", "check the variable, and whether the proxy runs")
            case .proxyRefusedLogin:
                (
                    "the proxy \(proxy) answered \(status): it rejected the user name and password",
                    "correct them in the variable, with special characters as %40 for @ and %3A for :"
                )
            case .proxyRefused where status == 407:
                (
                    "the proxy \(proxy) answered 407: it requires a user name and password",
                    "put them into the variable, as http://user:password@host:port"
                )
            case .proxyRefused where (400...499).contains(status):
                (
                    "the proxy \(proxy) answered \(status): it does not allow connections to \(host)",
                    "have \(host) allowed, or reach it without the proxy: add it to NO_PROXY"
                )
            case .proxyRefused:
                (
                    "the proxy \(proxy) answered \(status): it could not connect to \(host)",
                    "try again, or ask the proxy's administrator"
                )
            case .proxyTLS:
                (
                    "the proxy \(proxy) does not speak TLS, or its certificate is not trusted",
                    "if it is a plain HTTP proxy, write its URL with http:// instead of https://"
                )
            case .proxyTimeout:
                (
                    "the proxy \(proxy) did not answer in time",
                    "check the variable, and whether the proxy runs"
                )
            default:
                (
                    "the proxy \(proxy) did not answer as a proxy",
                    "check the variable: the URL of a proxy that speaks TLS begins with https://"
                )
            }
        return Failure(.unavailable, message, hint: hint)
    }
}
