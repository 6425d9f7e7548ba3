/// How a vault file stands to the one that this machine saw last.
@nonexhaustive
public enum Freshness: Sendable, Equatable {
    /// It is that file, or a successor of it; or this machine never saw the vault.
    case current
    /// It has a lower generation: an older copy was put in place of a newer one.
    case rollback(seen: UInt64, found: UInt64)
    /// Two machines wrote the vault without seeing each other's change.
    case fork(seen: UInt64, found: UInt64)
    /// What this machine remembers of the vault cannot be used, so that an older copy would not be noticed.
    case unverified(UnusableMemory)
}

/// Why what this machine remembers of a vault cannot be used.
public struct UnusableMemory: Sendable, Equatable {
    /// What is wrong with it.
    @nonexhaustive
    public enum Reason: UInt8, Sendable {
        /// The file is not what was written.
        case damaged = 1
        /// The file or its directory belongs to another user.
        case foreignOwner
        /// Others may write to the file or to its directory.
        case writableByOthers
        /// Something that is no regular file or no directory is in its place.
        case wrongKind
        /// The system does not let it be read; `systemCode` tells the `errno`.
        case unreadable
    }

    /// The file or the directory.
    public let path: String
    /// What is wrong with it.
    public let reason: Reason
    /// The system's error number for `unreadable`, else 0.
    public let systemCode: Int32

    package init(path: String, reason: Reason, systemCode: Int32 = 0) {
        self.path = path
        self.reason = reason
        self.systemCode = systemCode
    }
}
