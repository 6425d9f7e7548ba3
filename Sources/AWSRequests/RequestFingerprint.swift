import AWSValues
import SecureMemory

/// What tells one session from every other: whose it is, where it comes from, and what was asked for.
package enum RequestFingerprint {
    /// Sixty-four hexadecimal digits.
    ///
    /// - Parameter signer: the access key id, or the fingerprint of the session that signs.
    package static func of(
        _ operation: AWSOperation, endpoint: AWSEndpoint, caBundle: String, signer: String
    ) -> String {
        let (action, fields) = operation.parameters
        // Every part is encoded, so that no two lists of parts are written alike.
        var parts = [signer, endpoint.url, endpoint.region, caBundle, action]
        for (name, value) in fields { parts += [name, value] }
        let text = parts.map(PercentEncoding.encode).joined(separator: "&")
        let bytes = Array(text.utf8)
        return Hex.digest(bytes.rawSpan)
    }
}
