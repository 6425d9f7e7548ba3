import CredentialVault
import Platform
import ProgramSupport

/// The steps back to the old key, and out of what goes neither on nor back.
extension RotationRules {
    /// Gives the new key up, which was never served.
    static func abandonNew(_ facts: RotationFacts) -> RotationStep {
        switch facts.learned.served.last {
        case nil: return RotationStep(.standing(.served, isRequired: true))
        case .accepted: return RotationStep(.seal(.abandoned))
        case .refused, .unknown:
            return .refuse(
                Failure(
                    .malformed,
                    "AWS no longer accepts \(facts.entry.accessKeyID): the rotation cannot be undone",
                    hint: "continue to the new key with 'sealring rotate \(facts.name) --resume'"),
                saysHow: true
            )
        }
    }

    /// Makes the old key the one that is served again.
    static func takeOldBack(_ facts: RotationFacts, _ rotation: Rotation) -> RotationStep {
        guard let new = facts.learned.served.last else {
            return RotationStep(.standing(.served, isRequired: true))
        }
        if let step = reactivate(facts, rotation, new) ?? check(facts, beside: new) { return step }
        return RotationStep(.seal(.exchange(.abandoned)))
    }

    /// Makes the old key active, whatever AWS just says of it: it may not have learnt everywhere that it is not.
    ///
    /// - Returns: nil once it is active.
    private static func reactivate(
        _ facts: RotationFacts, _ rotation: Rotation, _ new: RotationFacts.Standing
    ) -> RotationStep? {
        let (name, old) = (facts.name, rotation.otherAccessKeyID ?? "")
        guard new.isAccepted else {
            guard let standing = facts.learned.other else {
                return RotationStep(.standing(.other, isRequired: true))
            }
            if standing.isAccepted { return nil }
            return .refuse(
                Failure(
                    .malformed, "AWS accepts neither \(facts.entry.accessKeyID) nor \(old)",
                    hint:
                        "check the user's keys in the console; 'sealring rotate \(name) --forget' abandons the rotation"
                ), saysHow: true)
        }
        switch facts.learned.activation {
        case nil: return RotationStep(.activate(old))
        case .done: return nil
        case .gone:
            return .refuse(
                Failure(
                    .malformed, "\(old) is deleted: the rotation cannot be undone",
                    hint: "finish the rotation with 'sealring rotate \(name) --resume'"),
                saysHow: true)
        case .denied(let failure):
            // Who may not change keys may go back to one that was never changed.
            guard rotation.phase == .switched else { return .refuse(failure) }
            guard let standing = facts.learned.other else {
                return RotationStep(.standing(.other, isRequired: true))
            }
            return standing.isAccepted ? nil : .refuse(failure)
        }
    }

    /// Deletes the new key, which is not served.
    static func abandon(_ facts: RotationFacts, _ rotation: Rotation) -> RotationStep {
        let new = rotation.otherAccessKeyID ?? ""
        // Where this run gave the new key up, it saw AWS accept the old one.
        if facts.sealed.isEmpty, let step = turn(facts, new) { return step }
        guard facts.learned.deleted.contains(new) else { return RotationStep(.delete(new, isOld: false)) }
        return RotationStep(
            .seal(.end), after: [.note("deleted \(new); \(facts.name) serves its old key")])
    }

    /// Goes on to the new key where somebody has ended the old one meanwhile, and the new one is left alone.
    ///
    /// - Returns: nil where AWS accepts the old key, or not the new one either.
    private static func turn(_ facts: RotationFacts, _ new: String) -> RotationStep? {
        guard let other = facts.learned.other else {
            return RotationStep(.standing(.other, isRequired: true))
        }
        guard other.isAccepted else { return nil }
        let served = facts.learned.served
        guard served.count < 2 else {
            guard served.allSatisfy({ $0 == .refused }) else { return nil }
            if let step = check(facts, beside: .refused) { return step }
            return RotationStep(
                .seal(.exchange(.switched)),
                before: [
                    .warning(
                        "AWS no longer accepts \(facts.entry.accessKeyID): switching \(facts.name) to \(new)"
                    )
                ])
        }
        switch served.last {
        case nil: return RotationStep(.standing(.served, isRequired: true))
        case .refused:
            return RotationStep(facts.learned.isSettled ? .standing(.served, isRequired: true) : .settle)
        case .accepted, .unknown: return nil
        }
    }

    /// Gives a rotation up that goes neither on nor back: the key that is served stays, and what else there is
    /// at AWS is left there.
    static func forget(_ facts: RotationFacts, _ rotation: Rotation) -> RotationStep {
        let (name, own) = (facts.name, facts.entry.accessKeyID)
        let what: RotationStep.Remark
        if let other = rotation.otherAccessKeyID {
            guard let served = facts.learned.served.last else {
                return RotationStep(.standing(.served, isRequired: !facts.isForced))
            }
            if served == .refused {
                guard let standing = facts.learned.other else {
                    return RotationStep(.standing(.other, isRequired: !facts.isForced))
                }
                if standing.isAccepted {
                    let option = [.created, .abandoned].contains(rotation.phase) ? "--resume" : "--rollback"
                    return .refuse(
                        Failure(
                            .malformed,
                            "AWS accepts \(other), which would be abandoned, but not \(own), which is served",
                            hint: "serve it with 'sealring rotate \(name) \(option)'"),
                        saysHow: true)
                }
            }
            what = .note(
                "\(name) keeps \(own); the secret of \(other) is forgotten, and AWS keeps that key as it is"
            )
        } else {
            what = .note(
                "\(name) keeps \(own); AWS may have created another key since \(LocalTime.text(rotation.beganAt)), whose secret is lost"
            )
        }
        guard facts.isForced || facts.learned.isConfirmed else {
            return RotationStep(.confirm("Abandon the rotation?"), before: [what])
        }
        return RotationStep(
            .seal(.end), before: facts.isForced ? [what] : [],
            after: [.note("abandoned the rotation of \(name)")])
    }
}
