import AgentProtocol
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One request with its repetitions.
enum Exchange {
    static func run(_ request: ExchangeRequest, _ proxies: Proxies) throws -> SecretBuffer {
        let end = unsafe Clock.milliseconds() + request.milliseconds
        var tries = 0
        while true {
            tries += 1
            let transfer = try Transfer()
            let result = unsafe transfer.perform(request, proxies, milliseconds: end - Clock.milliseconds())
            let answer = try unsafe Answer(result, transfer, isRaw: request.flags & ExchangeMessage.raw != 0)
            let mayRepeat = unsafe request.flags & ExchangeMessage.mayRepeat != 0
            guard mayRepeat, tries < RetryPolicy.tries, answer.isTransient, !Pipe.isAbandoned else {
                return try answer.reply()
            }
            let pause = RetryPolicy.pause(afterTry: tries)
            guard Clock.milliseconds() + pause + 100 < end else { return try answer.reply() }
            usleep(UInt32(pause) * 1000)
        }
    }
}

/// When a request is sent again that AWS may take twice.
enum RetryPolicy {
    /// The most times that it is sent.
    static let tries = 4

    /// The milliseconds to wait: anything up to a bound that doubles, so that many callers do not come back
    /// at once.
    static func pause(afterTry count: Int) -> Int64 { Int64.random(in: 0...min(100 << Int64(count), 2000)) }

    /// Whether AWS asks for another try with this code.
    static func isTransient(_ code: String) -> Bool {
        [
            "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded",
            "TooManyRequestsException", "ServiceUnavailable", "InternalFailure", "InternalError",
            "RequestTimeout", "RequestTimeoutException",
        ].contains(code)
    }
}
