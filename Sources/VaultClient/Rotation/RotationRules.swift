import AWSValues
import CredentialVault
import Platform
import ProgramSupport

/// Replaces an access key by a new one, so that at every moment the vault serves a key that AWS accepts.
///
/// Each step is sealed before the next one begins. Whatever ends it, it can go on from what is sealed; and until
/// the old key is deleted it can go back. What comes next depends on nothing but the facts.
enum RotationRules {
    static func next(_ facts: RotationFacts) -> RotationStep {
        if let verdict = facts.verdict { return .refuse(verdict) }
        if facts.sealed.last == .end { return RotationStep(.finish) }
        guard let rotation = facts.entry.rotation else {
            return facts.goal == .start
                ? begin(facts) : .refuse(Failure(.missing, "'\(facts.name)' is not being rotated"))
        }
        if facts.goal == .start, facts.sealed.isEmpty {
            return .refuse(
                Failure(
                    .exists, "a rotation of '\(facts.name)' is under way",
                    hint:
                        "continue with 'sealring rotate \(facts.name) --resume', or undo it with '--rollback'"
                ),
                saysHow: true)
        }
        if rotation.phase == .later {
            return .refuse(
                Failure(
                    .malformed,
                    "a later version of Sealring started this rotation of '\(facts.name)'",
                    hint: "continue it with that version"))
        }
        if rotation.phase != .intended, rotation.otherAccessKeyID == nil {
            return .refuse(Failure(.missing, "the rotation of '\(facts.name)' has no second key"))
        }
        switch facts.goal {
        case .forget: return forget(facts, rotation)
        case .rollBack where !facts.hasTurned: return back(facts, rotation)
        default: return on(facts, rotation)
        }
    }

    private static func on(_ facts: RotationFacts, _ rotation: Rotation) -> RotationStep {
        switch rotation.phase {
        case .intended:
            switch facts.sealed.last {
            case .begin, .beginAgain: create(facts)
            default: orphan(facts, rotation) ?? RotationStep(.seal(.beginAgain))
            }
        case .created: switchOver(facts)
        case .switched: deactivate(facts, rotation)
        case .deactivated: delete(facts, rotation)
        case .abandoned, .later: abandon(facts, rotation)
        }
    }

    private static func back(_ facts: RotationFacts, _ rotation: Rotation) -> RotationStep {
        switch rotation.phase {
        case .intended:
            orphan(facts, rotation)
                ?? RotationStep(.seal(.end), after: [.note("undid the rotation of \(facts.name)")])
        case .created: abandonNew(facts)
        case .switched, .deactivated: takeOldBack(facts, rotation)
        case .abandoned, .later: abandon(facts, rotation)
        }
    }

    // MARK: the beginning

    /// One more key can be made, and no other entry would lose its own.
    private static func begin(_ facts: RotationFacts) -> RotationStep {
        let id = facts.entry.accessKeyID
        if let rival = facts.rival {
            return .refuse(
                Failure(
                    .exists, "'\(rival)' has the same access key, \(id), which would stop working",
                    hint: "remove one of the two first"))
        }
        guard let listed = facts.learned.listed else { return RotationStep(.list) }
        guard let own = listed.first(where: { $0.id == id }) else {
            return .refuse(
                Failure(
                    .malformed, "IAM does not list \(id) among the keys of its user",
                    hint:
                        "see 'sealring verify \(facts.name)'; rotate a root user's key in the console"
                ))
        }
        guard own.isActive else {
            return .refuse(
                Failure(.malformed, "\(own.id) is inactive", hint: "activate it in the console first"))
        }
        guard listed.count == 1 else { return tooMany(listed, facts) }
        return RotationStep(.seal(.begin(keysBefore: listed.map(\.id), createdAt: own.createdAt)))
    }

    private static func tooMany(_ listed: [UserKey], _ facts: RotationFacts) -> RotationStep {
        if let unasked = listed.first(where: { facts.learned.lastUses[$0.id] == nil }) {
            return RotationStep(.lastUse(of: unasked.id, isRequired: false))
        }
        let described = listed.map { key in
            let use =
                switch facts.learned.lastUses[key.id] {
                case .at(let time): "last used \(LocalTime.text(time))"
                case .never: "never used"
                case .unknown, nil: "last use unknown"
                }
            let place = facts.holders[key.id].map { ", in the vault as '\($0)'" } ?? ""
            return "\(key.id) (\(key.isActive ? "active" : "inactive"), \(use)\(place))"
        }
        return .refuse(
            Failure(
                .exists,
                "the user already has two keys, the most AWS allows: \(described.joined(separator: "; "))",
                hint: "in the console, delete the one that is not used"))
    }

    private static func create(_ facts: RotationFacts) -> RotationStep {
        switch facts.learned.creation {
        case nil: return RotationStep(.create)
        case .made(let id, let createdAt):
            return RotationStep(
                .seal(.keepNew(id: id, createdAt: createdAt)),
                after: [.note("created \(id), and sealed it beside the old key")])
        case .notMade(let failure) where isFirst(facts):
            return RotationStep(.seal(.end), verdict: failure)
        case .notMade(let failure), .lost(let failure):
            return .refuse(
                Failure(
                    failure.code, "\(failure.message); AWS may have created a key whose secret is lost",
                    hint:
                        "run 'sealring rotate \(facts.name) --resume' in 15 minutes: it finds and deletes that key"
                ), saysHow: true)
        }
    }

    /// Whether no earlier request of this rotation may have made a key.
    private static func isFirst(_ facts: RotationFacts) -> Bool {
        if case .begin = facts.sealed.last { true } else { false }
    }

    // MARK: a lost answer

    /// How long a key that a lost answer has made may take to be seen, and how long it may have taken to be made.
    private static let orphanTimeout: Int64 = 15 * 60
    private static let orphanWindow: Int64 = 20 * 60

    /// Looks for the key that a request has made whose answer was lost, and deletes it after asking.
    ///
    /// - Returns: nil once there is none.
    private static func orphan(_ facts: RotationFacts, _ rotation: Rotation) -> RotationStep? {
        guard let listed = facts.learned.listed else { return RotationStep(.list) }
        let strange = listed.filter { !rotation.keysBefore.contains($0.id) }
        guard strange.count <= 1 else {
            return .refuse(
                Failure(
                    .malformed,
                    "several keys were created since the rotation began: \(strange.map(\.id).joined(separator: ", "))",
                    hint: "in the console, delete those that are not yours"))
        }
        guard let orphan = strange.first else {
            let again = rotation.beganAt + orphanTimeout
            guard facts.awsNow < again, !facts.isForced else { return nil }
            return .refuse(
                Failure(
                    .busy, "AWS does not list a new key yet",
                    hint:
                        "run 'sealring rotate \(facts.name)' with the same option after \(LocalTime.text(again)), or continue now with --force"
                ), saysHow: true)
        }
        if facts.learned.deleted.contains(orphan.id) { return nil }
        let isInTime = (rotation.beganAt - 60...rotation.beganAt + orphanWindow).contains(orphan.createdAt)
        if isInTime, facts.learned.lastUses[orphan.id] == nil {
            return RotationStep(.lastUse(of: orphan.id, isRequired: true))
        }
        guard isInTime, facts.learned.lastUses[orphan.id] == .never else {
            return .refuse(
                Failure(
                    .malformed,
                    "\(orphan.id) was created since the rotation began, but not by it, or it was used: not deleted",
                    hint: "find out who uses it; the rotation can continue once it is deleted"))
        }
        let found = RotationStep.Remark.note(
            "\(orphan.id) was created at \(LocalTime.text(orphan.createdAt)) by a request whose answer was lost, and was never used"
        )
        guard facts.isForced || facts.learned.isConfirmed else {
            return RotationStep(.confirm("Delete it?"), before: [found])
        }
        return RotationStep(
            .delete(orphan.id, isOld: false), before: facts.isForced ? [found] : [],
            after: [.note("deleted \(orphan.id)")])
    }
}
