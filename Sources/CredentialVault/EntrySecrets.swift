/// The secrets of an access key, where they lie; valid as long as the record is.
@unsafe
package struct EntrySecrets {
    package private(set) var key: UnsafeRawBufferPointer
    package private(set) var token: UnsafeRawBufferPointer?
    /// The seed of one-time codes.
    package private(set) var seed: UnsafeRawBufferPointer?
    /// The secret access key of a rotation's other key.
    package private(set) var other: UnsafeRawBufferPointer?

    init(key: UnsafeRawBufferPointer, token: UnsafeRawBufferPointer?) {
        unsafe self.key = key
        unsafe self.token = token
    }

    init(_ record: Record, in bytes: UnsafeRawBufferPointer) {
        func value(_ tag: UInt16) -> UnsafeRawBufferPointer? {
            unsafe RecordReader.find(tag, of: record, in: bytes).map {
                unsafe UnsafeRawBufferPointer(rebasing: bytes[$0])
            }
        }
        guard let key = unsafe value(RecordFormat.Tag.secretAccessKey) else {
            preconditionFailure("the field was checked when the record was read")
        }
        unsafe self.key = key
        unsafe token = value(RecordFormat.Tag.sessionToken)
        unsafe seed = value(RecordFormat.Tag.oneTimeCodeSeed)
        unsafe other = value(RecordFormat.Tag.otherSecretAccessKey)
    }

    mutating func keepSeed(of old: EntrySecrets) { unsafe seed = old.seed }

    mutating func dropSeed() { unsafe seed = nil }

    /// - Returns: false when what should change places is not there.
    mutating func make(_ change: SecretChange) -> Bool {
        switch unsafe change {
        case .kept: break
        case .seed(let seed): unsafe self.seed = seed
        case .other(let secret): unsafe other = secret
        case .swapped:
            guard let other = unsafe other else { return false }
            unsafe (key, self.other) = unsafe (other, key)
        }
        return true
    }
}

/// What becomes of an entry's secrets when the entry is changed.
@unsafe
package enum SecretChange {
    case kept
    /// The seed of one-time codes is this one, or there is none any more.
    case seed(UnsafeRawBufferPointer?)
    /// The secret of the rotation's other key is this one.
    case other(UnsafeRawBufferPointer)
    /// The two keys of a rotation change places.
    case swapped
}
