import AWSValues
import CredentialVault
import Platform
import ProgramSupport

/// The steps from the new key on.
extension RotationRules {
    static func switchOver(_ facts: RotationFacts) -> RotationStep {
        guard let old = facts.learned.served.last else {
            return RotationStep(.standing(.served, isRequired: true))
        }
        if let step = check(facts, beside: old) {
            guard old == .refused, facts.learned.owners.isEmpty else { return step }
            return RotationStep(
                step.action, before: [.warning("AWS no longer accepts \(facts.entry.accessKeyID)")])
        }
        return RotationStep(
            .seal(.exchange(.switched)), after: [.note("\(facts.name) now serves the new key")])
    }

    /// Has AWS accept the key that is not served twice with a while between, and sees that it is of the same user.
    ///
    /// - Parameter served: how the other key of the two stands.
    /// - Returns: nil once that is so.
    static func check(_ facts: RotationFacts, beside served: RotationFacts.Standing) -> RotationStep? {
        let owners = facts.learned.owners
        if let owner = owners.last, !isSameUser(owner, served, facts.entry) {
            return .refuse(
                Failure(
                    .malformed,
                    "the new key belongs to another user, \(owner.printable)",
                    hint:
                        "check the user's keys in the console; 'sealring rotate \(facts.name) --forget' abandons the rotation"
                ), saysHow: true)
        }
        if owners.count >= 2 { return nil }
        return RotationStep(owners.isEmpty || facts.learned.isSettled ? .awaitOther : .settle)
    }

    private static func isSameUser(
        _ owner: String, _ served: RotationFacts.Standing, _ entry: Entry
    ) -> Bool {
        if case .accepted(let arn) = served { return owner == arn }
        // Nobody tells the user of the other key any more; its account is known.
        guard let account = entry.accountID ?? AccessKeyID.accountID(of: entry.accessKeyID) else {
            return true
        }
        let parts = owner.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count > 4 && parts[4] == account
    }

    static func deactivate(_ facts: RotationFacts, _ rotation: Rotation) -> RotationStep {
        let old = rotation.otherAccessKeyID ?? ""
        guard facts.learned.isDeactivated else { return RotationStep(.deactivate(old)) }
        return RotationStep(.seal(.deactivated), after: [.note("deactivated \(old)")])
    }

    static func delete(_ facts: RotationFacts, _ rotation: Rotation) -> RotationStep {
        let (name, old) = (facts.name, rotation.otherAccessKeyID ?? "")
        // The way back was asked for: what cannot be undone is not done by itself.
        if facts.hasTurned, !facts.isForced {
            return RotationStep(.finish, before: [.hint("'sealring rotate \(name) --resume' deletes it")])
        }
        // Whether the old key was inactive before: what is said of its time now is news.
        let isResumed = facts.sealed.isEmpty
        if isResumed, let keepingOld = facts.keepingOld {
            return RotationStep(.seal(.keepUntil(facts.now + keepingOld)))
        }
        if facts.learned.deleted.contains(old) {
            return RotationStep(
                .seal(.end), after: [.note("deleted \(old); the rotation of \(name) is complete")])
        }
        // Who only answers questions with yes does not end a time that has just begun.
        if let time = rotation.deleteAfter, time > facts.now, !(facts.isForced && isResumed) {
            return RotationStep(
                .finish,
                before: [
                    .note("keeping \(old), inactive, until \(LocalTime.text(time))"),
                    .hint("then run 'sealring rotate \(name) --resume', or '--rollback' before that"),
                ])
        }
        return RotationStep(.delete(old, isOld: rotation.keysBefore.contains(old)))
    }
}
