/// A secret access key and its session token.
package enum SecretPair {
    /// Whether both pairs are the same, in constant time.
    package static func isSame(
        _ key: UnsafeRawBufferPointer, _ token: UnsafeRawBufferPointer?, _ otherKey: UnsafeRawBufferPointer,
        _ otherToken: UnsafeRawBufferPointer?
    ) -> Bool {
        guard unsafe (token == nil) == (otherToken == nil) else { return false }
        let isSameKey = unsafe Sodium.equal(key, otherKey)
        guard let token = unsafe token, let otherToken = unsafe otherToken else { return isSameKey }
        return unsafe Sodium.equal(token, otherToken) && isSameKey
    }
}
