/// How far the replacement of an access key by a new one has come.
///
/// While it lasts, the record may hold a second key with its secret: the new one until the switch, the old one
/// after it.
public struct Rotation: Sendable, Equatable {
    /// The steps, in the order in which they are sealed.
    @nonexhaustive
    public enum Phase: UInt8, Sendable, Comparable {
        /// A new key is about to be asked for.
        case intended = 1
        /// The new key is sealed beside the old one, which is still served.
        case created = 2
        /// The new key is served, and the old one is still active.
        case switched = 3
        /// The old key was made inactive.
        case deactivated = 4
        /// The new key is given up: it is about to be deleted, and the old one is served.
        case abandoned = 5
        /// A step of a later version, which this one leaves alone.
        case later = 255

        /// Whether a phase is sealed before another one.
        public static func < (one: Phase, other: Phase) -> Bool { one.rawValue < other.rawValue }
    }

    /// What was sealed last.
    public package(set) var phase: Phase
    /// When the intent was sealed, in Unix seconds.
    package var beganAt: Int64
    /// The ids of all keys that the user had before.
    public package(set) var keysBefore: [String]
    /// The id of the key that is not served.
    public package(set) var otherAccessKeyID: String?
    /// When AWS made that key, in Unix seconds, when known.
    package var otherCreatedAt: Int64?
    /// When the old key may be deleted, in Unix seconds; nil for at once. Until that key is inactive, it lies as
    /// long after ``beganAt`` as the key is to be kept from then on.
    package var deleteAfter: Int64?

    /// A rotation without a second key.
    package init(phase: Phase, beganAt: Int64, keysBefore: [String]) {
        self.phase = phase
        self.beganAt = beganAt
        self.keysBefore = keysBefore
    }
}

extension Rotation {
    /// A record is in a rotation when it has a step of one.
    static func visit<Coder: FieldCoder & ~Copyable & ~Escapable>(
        _ rotation: inout Rotation?, _ coder: inout Coder
    ) throws(Coder.Failure) {
        let blank = Rotation(phase: .intended, beganAt: 0, keysBefore: [])
        var draft = rotation ?? blank
        var phase = rotation?.phase
        var beganAt = rotation?.beganAt
        // A step of a later version, taken for one that is known, would have the wrong key deleted.
        try coder.choice(24, "step of the rotation", &phase, in: 1...255, later: .later)
        try coder.time(25, "start of the rotation", &beganAt)
        try coder.lines(
            26, "list of access key IDs", &draft.keysBefore, count: 16, upTo: VaultFormat.fieldLimit)
        try coder.text(27, "access key ID", &draft.otherAccessKeyID, as: .accessKeyID)
        try coder.secret(28, "secret access key", .other, as: .text(1...VaultFormat.secretLimit))
        try coder.time(29, "creation time", &draft.otherCreatedAt)
        try coder.time(30, "time of the deletion", &draft.deleteAfter)
        draft.beganAt = beganAt ?? 0
        try coder.expect(phase != nil || draft == blank)
        guard let phase else { return }
        draft.phase = phase
        rotation = draft
    }
}
