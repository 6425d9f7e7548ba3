public import AWSValues

// Records hold whole Unix seconds; programs that use the library get times and durations.
extension Entry {
    /// When AWS made the key, when known.
    public var created: Timestamp? {
        get { createdAt.map(Timestamp.init(clamping:)) }
        set { createdAt = newValue?.unixSeconds }
    }

    /// When the credentials end; nil for a long-lived key.
    public var expires: Timestamp? {
        get { expiration.map(Timestamp.init(clamping:)) }
        set { expiration = newValue?.unixSeconds }
    }

    /// After how long clients have to ask again, in whole seconds; nil lets them keep a long-lived key.
    public var exposure: Duration? {
        get { exposeFor.map { .seconds($0) } }
        set { exposeFor = newValue?.wholeSeconds }
    }

    /// For how long a session is asked for: 15 minutes to 36 hours in whole seconds; nil for an hour, or for
    /// twelve with MFA.
    public var sessionDuration: Duration? {
        get { sessionSeconds.map { .seconds($0) } }
        set { sessionSeconds = newValue?.wholeSeconds }
    }

    /// When AWS saw the key used last, as of ``lastUseChecked``; nil when never.
    public var lastUsed: Timestamp? { lastUsedAt.map(Timestamp.init(clamping:)) }

    /// When AWS was asked for the last use.
    public var lastUseChecked: Timestamp? { lastUsedAskedAt.map(Timestamp.init(clamping:)) }

    /// When the key was sealed. Set by the vault.
    public var sealed: Timestamp { Timestamp(clamping: sealedAt) }

    /// When anything of the entry was changed last. Set by the vault.
    public var changed: Timestamp { Timestamp(clamping: changedAt) }
}

extension Role {
    /// For how long the role is asked for: 15 minutes to 12 hours in whole seconds, and an hour at most in a chain;
    /// nil for an hour.
    public var sessionDuration: Duration? {
        get { sessionSeconds.map { .seconds($0) } }
        set { sessionSeconds = newValue?.wholeSeconds }
    }

    /// When the role was sealed. Set by the vault.
    public var sealed: Timestamp { Timestamp(clamping: sealedAt) }

    /// When anything of it was changed last. Set by the vault.
    public var changed: Timestamp { Timestamp(clamping: changedAt) }
}

extension Rotation {
    /// When the intent was sealed.
    public var began: Timestamp { Timestamp(clamping: beganAt) }

    /// When AWS made the key that is not served, when known.
    public var otherCreated: Timestamp? { otherCreatedAt.map(Timestamp.init(clamping:)) }
}

extension Duration {
    /// The seconds, without their fraction; none are fewer than 0, and the vault refuses what is too long.
    fileprivate var wholeSeconds: UInt32 { UInt32(clamping: components.seconds) }
}
