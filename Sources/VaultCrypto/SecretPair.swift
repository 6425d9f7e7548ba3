/// A secret access key and its session token.
package enum SecretPair {
    /// Whether both pairs are the same, in constant time.
    package static func isSame(
        _ key: RawSpan, _ token: RawSpan?, as otherKey: RawSpan, token otherToken: RawSpan?
    ) -> Bool {
        let isSameKey = Sodium.equal(key, otherKey)
        switch (token, otherToken) {
        case (.none, .none): return isSameKey
        case (.some(let token), .some(let otherToken)): return Sodium.equal(token, otherToken) && isSameKey
        default: return false
        }
    }
}
