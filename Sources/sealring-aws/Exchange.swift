import AWSExchange
import AgentProtocol
import Platform
import SecureMemory

/// One request with its repetitions.
enum Exchange {
    static func run(_ request: borrowing ExchangeRequest, _ proxies: ProxySettings) throws -> SecretBuffer {
        let end = MonotonicClock.milliseconds() + request.milliseconds
        var bundle: [UInt8]?
        do throws(CertificateFile.Fault) {
            if !request.caBundle.isEmpty { bundle = try CertificateFile.read(request.caBundle) }
        } catch {
            return try Reply.of(error.isUntrusted ? .caBundleUntrusted : .caBundle, error.reason)
        }
        let route = proxies.route(to: request.target)
        if route == .invalid { return try Reply.of(.proxyInvalid, proxies.variable) }
        var tries = 0
        while true {
            tries += 1
            let transfer = try Transfer()
            let result = transfer.perform(
                request, route, bundle, milliseconds: end - MonotonicClock.milliseconds())
            let answer = try Answer(
                result, transfer, ProxyView(route, variable: proxies.variable),
                isRaw: request.flags & ExchangeMessage.raw != 0)
            let mayRepeat = request.flags & ExchangeMessage.mayRepeat != 0
            guard mayRepeat, tries < RetryPolicy.tries, answer.isTransient, !Pipe.isAbandoned else {
                return try answer.reply()
            }
            let pause = RetryPolicy.pause(afterTry: tries)
            guard MonotonicClock.milliseconds() + pause + 100 < end else { return try answer.reply() }
            usleep(UInt32(pause) * 1000)
        }
    }
}
