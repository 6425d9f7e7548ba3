import SecureMemory

/// The access keys of an entry's user at AWS, which is asked with the keys that are sealed in the entry.
package protocol UserKeys {
    /// Unix seconds by AWS's clock, as its last answer told it.
    var now: Int64 { get }

    func list() throws -> [UserKey]
    /// When a key was used last, in Unix seconds; nil when never.
    func lastUse(of id: String) throws -> Int64?

    /// - Throws: ``NoAnswer`` when AWS may have created a key whose secret is lost.
    func create() throws -> NewUserKey
    /// - Returns: false when there is no such key any more.
    func activate(_ id: String) throws -> Bool
    /// Makes a key inactive; one that somebody has deleted is so already.
    func deactivate(_ id: String) throws
    /// Deletes a key; one that is gone already is deleted.
    ///
    /// - Parameter isOld: whether IAM has listed it long ago, so that it is gone when it is not listed any more.
    func delete(_ id: String, isOld: Bool) throws
    /// Deletes a key that was made just now, and that IAM may not know everywhere.
    func deleteNew(_ id: String) throws

    /// The ARN of the user that a sealed key belongs to; nil when AWS does not know the key, or has it as
    /// inactive.
    func owner(of key: SealedKey) throws -> String?
    /// As ``owner(of:)``, of a key that not all of AWS knows yet.
    func awaitedOwner(of key: SealedKey) throws -> String
}

/// One of the two keys of an entry while a rotation is under way.
package enum SealedKey: Sendable {
    /// The one that AWS clients get.
    case served
    case other
}

/// What IAM lists of a key.
package struct UserKey: Equatable, Sendable {
    let id: String
    let isActive: Bool
    /// Unix seconds.
    let createdAt: Int64
}

/// A key that AWS has just made, with the secret that it shows once.
package struct NewUserKey: ~Copyable {
    let id: String
    let createdAt: Int64
    let secret: SecretBytes

    consuming func intoSecret() -> SecretBytes { secret }
}
