import CredentialVault
import ProgramSupport

/// What a person wants of a rotation.
package enum RotationGoal: Sendable {
    case start, resume, rollBack
    /// Give it up, and leave what there is at AWS.
    case forget
}

/// All that the choice of a rotation's next step depends on.
struct RotationFacts {
    var goal: RotationGoal
    /// Whether what would be asked is answered with yes.
    let isForced: Bool
    /// For how many seconds the old key is kept, inactive; nil for what was said when the rotation began.
    let keepingOld: Int64?

    /// The entry as it was sealed last.
    var entry: Entry
    /// Another entry that has one of this entry's keys.
    var rival: String?
    /// The names of the entries that have a key, by its id.
    var holders: [String: String] = [:]

    /// Unix seconds by this machine's clock, and by AWS's.
    var now: Int64 = 0
    var awsNow: Int64 = 0

    /// What was sealed in this run.
    var sealed: [RotationChange] = []
    /// Whether a way back was ended by AWS, which has only the new key left.
    var hasTurned = false
    /// What the run ends with once the last change is sealed.
    var verdict: Failure?
    /// What was found out since.
    var learned = Learned()

    struct Learned {
        var listed: [UserKey]?
        var lastUses: [String: LastUse] = [:]
        /// How the key that is served stood, each time that AWS was asked.
        var served: [Standing] = []
        /// How the other key stood.
        var other: Standing?
        /// Whom the other key belonged to, each time that AWS was seen to accept it.
        var owners: [String] = []
        /// Whether AWS was given time since it was asked last.
        var isSettled = false
        var isConfirmed = false
        var creation: Creation?
        var activation: Activation?
        var isDeactivated = false
        /// The keys that were deleted.
        var deleted: Set<String> = []
    }

    /// What AWS says of a key.
    enum Standing: Equatable {
        /// It accepts the key, as one of the user with this ARN.
        case accepted(String)
        /// It does not know the key, or has it as inactive.
        case refused
        /// It could not be asked, and that is to keep nobody from going on.
        case unknown

        var isAccepted: Bool { if case .accepted = self { true } else { false } }
    }

    enum LastUse: Equatable {
        case at(Int64)
        case never, unknown
    }

    /// What became of the request for a new key.
    enum Creation: Equatable {
        case made(id: String, createdAt: Int64)
        /// The request was never sent, or was refused.
        case notMade(Failure)
        /// AWS may have made a key whose secret nobody has.
        case lost(Failure)
    }

    /// What became of the request to make the old key active.
    enum Activation: Equatable {
        case done
        /// There is no such key any more.
        case gone
        case denied(Failure)
    }

    var name: String { entry.name }

    /// For how many seconds the old key is kept. Until it is inactive, this is what lies between the beginning
    /// and the time of its deletion.
    func grace(_ rotation: Rotation) -> Int64? {
        keepingOld ?? rotation.deleteAfter.map { $0 - rotation.beganAt }
    }

    /// Takes over what is sealed now, with which what was found out before is out of date.
    mutating func sealed(_ change: RotationChange, as entry: Entry) {
        self.entry = entry
        sealed.append(change)
        learned = Learned()
    }
}

/// A change of an entry that is sealed before the next step.
enum RotationChange: Equatable {
    /// The intent, before a key is asked for.
    case begin(keysBefore: [String], createdAt: Int64?)
    /// The intent anew, once no key of an earlier request is left.
    case beginAgain
    /// The new key beside the old one, with its secret.
    case keepNew(id: String, createdAt: Int64)
    /// The two keys change places.
    case exchange(Rotation.Phase)
    case deactivated
    /// The old key is kept longer, or less long.
    case keepUntil(Int64)
    case abandoned
    /// Nothing is under way any more.
    case end

    /// How the vault makes the change.
    var kind: VaultChanges.Kind {
        switch self {
        case .keepNew: .otherKey
        case .exchange: .swap
        default: .edit
        }
    }

    func apply(to entry: inout Entry, _ facts: RotationFacts) {
        switch self {
        case .begin(let keys, let createdAt):
            var rotation = Rotation(phase: .intended, beganAt: facts.awsNow, keysBefore: keys)
            rotation.deleteAfter = facts.keepingOld.map { rotation.beganAt + $0 }
            entry.rotation = rotation
            entry.createdAt = entry.createdAt ?? createdAt
        case .beginAgain:
            let grace = entry.rotation.flatMap(facts.grace)
            entry.rotation?.beganAt = facts.awsNow
            entry.rotation?.deleteAfter = grace.map { facts.awsNow + $0 }
        case .keepNew(let id, let createdAt):
            if let rotation = entry.rotation, let grace = facts.grace(rotation) {
                entry.rotation?.deleteAfter = rotation.beganAt + grace
            }
            entry.rotation?.phase = .created
            entry.rotation?.otherAccessKeyID = id
            entry.rotation?.otherCreatedAt = createdAt
        case .exchange(let phase): exchange(&entry, phase)
        case .deactivated:
            let grace = entry.rotation.flatMap(facts.grace)
            entry.rotation?.phase = .deactivated
            entry.rotation?.deleteAfter = grace.map { facts.now + $0 }
        case .keepUntil(let time): entry.rotation?.deleteAfter = time
        case .abandoned: entry.rotation?.phase = .abandoned
        case .end: entry.rotation = nil
        }
    }

    private func exchange(_ entry: inout Entry, _ phase: Rotation.Phase) {
        guard var rotation = entry.rotation, let other = rotation.otherAccessKeyID else { return }
        if phase == .switched, rotation.phase == .created {
            entry.lastUsedAt = nil
            entry.lastUsedAskedAt = nil
        }
        if phase == .abandoned { rotation.deleteAfter = nil }
        rotation.phase = phase
        rotation.otherAccessKeyID = entry.accessKeyID
        (entry.createdAt, rotation.otherCreatedAt) = (rotation.otherCreatedAt, entry.createdAt)
        entry.accessKeyID = other
        entry.rotation = rotation
    }
}
