import AWSValues
import AgentProtocol
package import SecureMemory
import VaultCrypto

/// Whom a request is signed by, with the secrets where they lie.
package struct RequestSigner: ~Escapable {
    package let accessKeyID: String
    package let secretAccessKey: RawSpan
    /// Nil for a key that is no session's.
    package let sessionToken: RawSpan?

    @_lifetime(copy secretAccessKey, copy sessionToken)
    package init(accessKeyID: String, secretAccessKey: RawSpan, sessionToken: RawSpan?) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }
}

extension AWSOperation {
    /// Appends the frame that the program which speaks to AWS takes: ``ExchangeMessage/request``.
    ///
    /// - Parameters:
    ///   - signer: whose credentials sign the request.
    ///   - code: the code of the MFA device, where the operation names one.
    ///   - caBundle: the path of the certificates to trust; empty for the system's.
    ///   - time: Unix seconds, as AWS's clocks have them.
    ///   - milliseconds: how long all of it may take.
    package func appendFrame(
        to frame: inout SecretBuffer, endpoint: AWSEndpoint, signer: RequestSigner,
        code: RawSpan? = nil, caBundle: String = "", time: Int64, milliseconds: UInt32
    ) throws(RequestError) {
        guard endpoint.service == service else { throw .mismatch }
        var body = try Self.buffer(limit: 32 << 10)
        try append(to: &body, code: code)
        let digest = Hex.digest(body.bytes)
        let stamp = String(
            decoding: Timestamp.format(time).filter { $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":") },
            as: UTF8.self)
        var headers: [(name: String, value: String)] = [
            ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), ("Host", endpoint.host),
            ("X-Amz-Date", stamp),
        ]
        let canonical = try CanonicalRequest(
            method: "POST", path: endpoint.path, headers: headers, token: signer.sessionToken,
            bodyDigest: digest)
        let signature = Signature(
            accessKeyID: signer.accessKeyID, region: endpoint.region, service: service.name, time: stamp)
        do {
            let authorization = try signature.authorization(canonical, secret: signer.secretAccessKey)
            headers.append(("Authorization", authorization))
        } catch { throw .crypto(error) }
        var lines = try Self.buffer(limit: 16 << 10)
        if let token = signer.sessionToken {
            try lines.appendText("X-Amz-Security-Token: ")
            try lines.appendSecret(token)
            try lines.appendText("\n")
        }
        for (name, value) in headers { try lines.appendText("\(name): \(value)\n") }
        do {
            let start = try frame.beginFrame(ExchangeMessage.request)
            try frame.appendField(endpoint.url)
            try frame.appendField(lines)
            try frame.appendField(body)
            try frame.appendField(caBundle)
            try frame.appendField(milliseconds)
            try frame.appendField(mayRepeat ? ExchangeMessage.mayRepeat : 0)
            try frame.endFrame(start)
        } catch AgentError.memory(let error) { throw .memory(error) } catch { throw .tooLong }
    }

    private static func buffer(limit: Int) throws(RequestError) -> SecretBuffer {
        do { return try SecretBuffer(capacity: 2048, limit: limit) } catch { throw .memory(error) }
    }
}
