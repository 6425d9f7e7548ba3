import AWSValues
import SecureMemory
package import VaultCrypto

/// Signature Version 4.
///
/// What is signed may hold a session token, and stays in secret memory; the signature is no secret.
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>.
package struct Signature: Sendable {
    package let accessKeyID: String
    /// The region that the service is asked in, for example `us-east-1`.
    package let region: String
    /// The service's name in signatures, for example `sts`.
    package let service: String
    /// The moment of signing, as the header `X-Amz-Date` has it: `20150830T123600Z`.
    package let time: String

    package init(accessKeyID: String, region: String, service: String, time: String) {
        self.accessKeyID = accessKeyID
        self.region = region
        self.service = service
        self.time = time
    }

    /// The value of the header `Authorization`.
    ///
    /// - Parameters:
    ///   - request: what the header signs.
    ///   - secret: the secret access key.
    package func authorization(
        _ request: borrowing CanonicalRequest, secret: RawSpan
    ) throws(CryptoError) -> String {
        let key = try signingKey(secret)
        let code = try HMACSHA256.code(key: key, message: stringToSign(request))
        let signature = Hex.text(code.bytes.octets)
        return "AWS4-HMAC-SHA256 Credential=\(accessKeyID)/\(scope), "
            + "SignedHeaders=\(request.signedHeaders), Signature=\(signature)"
    }

    package func stringToSign(_ request: borrowing CanonicalRequest) -> String {
        "AWS4-HMAC-SHA256\n\(time)\n\(scope)\n\(request.digest)"
    }

    private var date: String { String(time.prefix(8)) }
    private var scope: String { "\(date)/\(region)/\(service)/aws4_request" }

    private func signingKey(_ secret: RawSpan) throws(CryptoError) -> SecretBytes {
        let prefix: StaticString = "AWS4"
        var key = try Sodium.allocateSecret(prefix.utf8CodeUnitCount + secret.byteCount)
        key.overwrite(at: 0, with: prefix.rawSpan)
        key.overwrite(at: prefix.utf8CodeUnitCount, with: secret)
        for part in [date, region, service, "aws4_request"] {
            key = try HMACSHA256.code(key: key, message: part)
        }
        return key
    }
}
