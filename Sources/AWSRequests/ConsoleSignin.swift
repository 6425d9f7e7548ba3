import AWSValues
import AgentProtocol
package import SecureMemory

/// The request that makes a token for the web console of a session.
///
/// It is not signed: it carries the session. Source:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>.
package enum ConsoleSignin {
    /// Where it goes: to the partition's own, or beside an STS on this machine. A private endpoint of STS has
    /// none, and would get the session.
    package static func url(sts: AWSEndpoint?) -> String {
        let partition = sts?.partition ?? .standard
        guard let sts, sts.isOwn, sts.isLocal else {
            return "https://\(partition.signinHost(sts?.region ?? partition.defaultRegion))/federation"
        }
        return sts.url + (sts.url.hasSuffix("/") ? "federation" : "/federation")
    }

    /// - Parameters:
    ///   - seconds: how long the console stays open; nil for as long as the session.
    package static func appendFrame(
        to frame: inout SecretBuffer, url: String, accessKeyID: String, key: RawSpan,
        token: RawSpan, seconds: UInt32?, caBundle: String, milliseconds: UInt32
    ) throws(RequestError) {
        do {
            var body = try SecretBuffer(capacity: 8 << 10, limit: 32 << 10)
            try body.appendText("Action=getSigninToken")
            if let seconds { try body.appendText("&SessionDuration=\(seconds)") }
            try body.appendText("&Session=%7B%22sessionId%22%3A%22\(PercentEncoding.encode(accessKeyID))")
            try body.appendText("%22%2C%22sessionKey%22%3A%22")
            try body.appendEncoded(key)
            try body.appendText("%22%2C%22sessionToken%22%3A%22")
            try body.appendEncoded(token)
            try body.appendText("%22%7D")
            let start = try frame.beginFrame(ExchangeMessage.request)
            try frame.appendField(url)
            try frame.appendField("Content-Type: application/x-www-form-urlencoded\n")
            try frame.appendField(body)
            try frame.appendField(caBundle)
            try frame.appendField(milliseconds)
            try frame.appendField(ExchangeMessage.mayRepeat | ExchangeMessage.raw)
            try frame.endFrame(start)
        } catch let error as RequestError {
            throw error
        } catch AgentError.memory(let error) {
            throw .memory(error)
        } catch let error as SecureMemoryError {
            throw .memory(error)
        } catch { throw .tooLong }
    }
}

extension SecretBuffer {
    /// Appends secret text, percent-encoded, byte by byte in secret memory.
    fileprivate mutating func appendEncoded(_ bytes: RawSpan) throws(RequestError) {
        let digits: StaticString = "0123456789ABCDEF"
        for position in 0..<bytes.byteCount {
            let byte = bytes.byte(at: position)
            if PercentEncoding.isUnreserved(byte) {
                try appendSecret(bytes.extracting(position...position))
                continue
            }
            try appendText("%")
            for half in [Int(byte >> 4), Int(byte & 15)] {
                try appendSecret(digits.rawSpan.extracting(half...half))
            }
        }
    }
}
