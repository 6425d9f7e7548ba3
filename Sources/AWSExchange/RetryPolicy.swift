package import AgentProtocol

/// When a request is sent again that AWS may take twice, and how long its parts may take.
package enum RetryPolicy {
    /// The most times that it is sent.
    package static let tries = 4

    /// The milliseconds to wait: anything up to a bound that doubles, so that many callers do not all
    /// come back in the same moment.
    package static func pause(afterTry count: Int) -> Int64 {
        Int64.random(in: 0...longestPause(afterTry: count))
    }

    static func longestPause(afterTry count: Int) -> Int64 { min(100 << Int64(count), 2000) }

    /// The milliseconds that a connection may take: one that is lost leaves time for another try.
    package static func connecting(within milliseconds: Int64) -> Int64 { min(milliseconds, 5000) }

    /// Whether another try may bring more.
    ///
    /// - Parameters:
    ///   - status: of HTTP; 0 for none.
    ///   - errorCode: the text of `Error/Code` when AWS refused.
    ///   - isEmpty: whether the connection ended before anything of an answer's body came.
    package static func isTransient(
        _ outcome: ExchangeMessage.Outcome, status: UInt32, errorCode: String, isEmpty: Bool
    ) -> Bool {
        switch outcome {
        case .cannotConnect, .timeout, .other, .proxyUnreachable, .proxyTimeout, .proxyBroken: true
        case .answered, .malformed:
            isEmpty || status == 429 || (500...599).contains(status) || codes.contains(errorCode)
        case .proxyRefused: (500...599).contains(status)
        default: false
        }
    }

    /// Those with which AWS asks for another try.
    private static let codes: Set<String> = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded",
        "TooManyRequestsException", "ServiceUnavailable", "InternalFailure", "InternalError",
        "RequestTimeout", "RequestTimeoutException",
    ]
}
