import SecureMemory

/// The secrets of an access key, where they lie.
package struct EntrySecrets: ~Escapable {
    package let key: RawSpan
    package let token: RawSpan?
    /// The seed of one-time codes.
    package let seed: RawSpan?
    /// The secret access key of a rotation's other key.
    package let other: RawSpan?

    @_lifetime(copy key, copy token, copy seed, copy other)
    init(key: RawSpan, token: RawSpan?, seed: RawSpan? = nil, other: RawSpan? = nil) {
        self.key = key
        self.token = token
        self.seed = seed
        self.other = other
    }

    @_lifetime(copy bytes)
    init(_ record: Record, in bytes: RawSpan) {
        var decoder = RecordDecoder(record, in: bytes)
        var entry = Entry()
        entry.visit(&decoder)
        self = decoder.secrets
    }

    /// Which of them one is.
    enum Kind { case key, token, seed, other }

    @_lifetime(copy self)
    func value(_ kind: Kind) -> RawSpan? {
        switch kind {
        case .key: key
        case .token: token
        case .seed: seed
        case .other: other
        }
    }

    @_lifetime(copy self, copy seed)
    func with(seed: RawSpan?) -> EntrySecrets {
        EntrySecrets(key: key, token: token, seed: seed, other: other)
    }

    /// The secrets after a change; nil when what should change places is not there.
    @_lifetime(copy self, copy change)
    func making(_ change: SecretChange) -> EntrySecrets? {
        switch change {
        case .kept: return self
        case .seed(let seed): return with(seed: seed)
        case .other(let secret): return EntrySecrets(key: key, token: token, seed: seed, other: secret)
        case .swapped:
            guard let other else { return nil }
            return EntrySecrets(key: other, token: token, seed: seed, other: key)
        }
    }
}

/// What becomes of an entry's secrets when the entry is changed.
package enum SecretChange: ~Escapable {
    case kept
    /// The seed of one-time codes is this one, or there is none any more.
    case seed(RawSpan?)
    /// The secret of the rotation's other key is this one.
    case other(RawSpan)
    /// The two keys of a rotation change places.
    case swapped
}
