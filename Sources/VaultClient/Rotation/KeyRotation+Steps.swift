import AWSRequests
import AgentProtocol
package import CredentialVault
import Platform
import ProgramSupport

extension KeyRotation {
    /// - Parameter isFirst: whether no earlier request of this rotation may have made a key.
    package func create(isFirst: Bool) throws {
        // Nothing may fail between the new key and its sealing that could have failed before.
        let known = try current().1
        let made: IAMKeys.NewKey
        do {
            made = try keys.create()
        } catch let error where isFirst && Self.isUnmade(error) {
            // AWS made none: nothing is under way.
            try seal(.edit, from: known) { $0.rotation = nil }
            throw error
        } catch {
            let failure = Failure.of(error) ?? Failure(.unavailable, "AWS gave no answer")
            throw Failure(
                failure.code, "\(failure.message); AWS may have made a key whose secret is lost",
                hint:
                    "run 'sealring rotate \(name) --resume' in 15 minutes: it finds that key, and deletes it")
        }
        try seal(made, from: known)
        vault.conversation.note("made \(made.id), and sealed it beside the old key")
        try switchOver()
    }

    /// Whether an error says that no key was made: the request was never sent, or was refused.
    private static func isUnmade(_ error: any Error) -> Bool {
        switch error {
        case let error as AWSRefused: error.refusal.status < 500
        case is Failure, is VaultError: true
        default: false
        }
    }

    /// Seals the new key, which AWS will show to nobody again.
    private func seal(_ made: borrowing IAMKeys.NewKey, from known: Rotation) throws {
        let (id, createdAt) = (made.id, made.createdAt)
        let deadline = MonotonicClock.seconds() + 60
        while true {
            do {
                let entry = try vault.update(acceptingRollback: acceptsRollback) { entries, changes in
                    var entry = try unchanged(entries, known)
                    entry.rotation?.phase = .created
                    entry.rotation?.otherAccessKeyID = id
                    entry.rotation?.otherCreatedAt = createdAt
                    if let grace = grace(known) { entry.rotation?.deleteAfter = known.beganAt + grace }
                    try changes.append(.otherKey, name: name, entry: entry, secret: made.secret)
                    return entry
                }
                return RotationNotice.set(entry, vault.conversation)
            } catch let error where MonotonicClock.seconds() < deadline && Failure.of(error)?.code == .busy {
                usleep(200_000)
            } catch let error as VaultError where error.reason == .durabilityUnknown {
                // It is in place: to delete the key now would leave one that AWS does not have.
                throw error
            } catch {
                throw unsealed(id, error, known)
            }
        }
    }

    /// The secret would be lost: the key goes too.
    private func unsealed(_ id: String, _ error: any Error, _ known: Rotation) -> Failure {
        let failure = Failure.of(error) ?? Failure(.inputOutput, "it failed")
        let reason = "AWS made \(id), which could not be sealed: \(failure.message)"
        do {
            try keys.deleteNew(id)
            try? seal(.edit, from: known) { $0.rotation = nil }
            return Failure(failure.code, "\(reason); it is deleted again", hint: failure.hint)
        } catch {
            return Failure(
                failure.code, "\(reason); it is still at AWS, and its secret is lost",
                hint:
                    "\(failure.hint.map { "\($0); then " } ?? "")run 'sealring rotate \(name) --resume': it finds that key, and deletes it"
            )
        }
    }

    func switchOver() throws {
        let (entry, rotation) = try current()
        let old = try standing(.key)
        if case .refused = old {
            vault.conversation.warn("AWS does not accept \(entry.accessKeyID) any more")
        }
        try checkTwice(.otherKey, isOfUserOf: old, entry)
        try seal(.swap, from: rotation) { entry in
            try Self.exchange(&entry, phase: .switched)
            entry.lastUsedAt = nil
            entry.lastUsedAskedAt = nil
        }
        vault.conversation.note("\(name) serves the new key")
        try deactivate()
    }

    /// - Parameter deletes: whether the old key is deleted afterwards.
    func deactivate(deletes: Bool = true) throws {
        let (_, rotation) = try current()
        let old = try other(rotation)
        try keys.deactivate(old)
        let grace = grace(rotation)
        try seal(.edit, from: rotation) { entry in
            entry.rotation?.phase = .deactivated
            entry.rotation?.deleteAfter = grace.map { UnixTime.now() + $0 }
        }
        vault.conversation.note("made \(old) inactive")
        guard deletes else {
            return vault.conversation.hint("'sealring rotate \(name) --resume' deletes it")
        }
        try delete(isResumed: false)
    }

    /// For how many seconds the old key is kept. Until it is inactive, this is what lies between the beginning
    /// and the time of its deletion.
    package func grace(_ rotation: Rotation) -> Int64? {
        keepingOld.map(Int64.init) ?? rotation.deleteAfter.map { $0 - rotation.beganAt }
    }

    /// - Parameter isResumed: whether the old key was inactive before: what is said of its time now is news.
    package func delete(isResumed: Bool) throws {
        var (_, rotation) = try current()
        let old = try other(rotation)
        if isResumed, let keepingOld {
            let before = rotation
            rotation.deleteAfter = UnixTime.now() + Int64(keepingOld)
            let after = rotation
            try seal(.edit, from: before) { $0.rotation = after }
        }
        if let time = rotation.deleteAfter, time > UnixTime.now(),
            // Who only answers questions with yes does not end a time that has just begun.
            !(isForced && isResumed && keepingOld == nil)
        {
            vault.conversation.note("\(old) is kept, inactive, until \(EntryFacts.time(time))")
            return vault.conversation.hint(
                "run 'sealring rotate \(name) --resume' then, or '--rollback' before")
        }
        try keys.delete(old, isOld: rotation.keysBefore.contains(old))
        try seal(.edit, from: rotation) { $0.rotation = nil }
        vault.conversation.note("deleted \(old): \(name) is rotated")
    }

    /// Makes the old key the one that is served again.
    func takeOldBack() throws {
        let (entry, rotation) = try current()
        let old = try other(rotation)
        let new = try standing(.key)
        try reactivate(old, rotation, new, entry)
        try checkTwice(.otherKey, isOfUserOf: new, entry)
        try seal(.swap, from: rotation) { entry in
            try Self.exchange(&entry, phase: .abandoned)
            entry.rotation?.deleteAfter = nil
        }
    }

    /// Makes the old key active, whatever AWS just says of it: it may not have learnt everywhere that it is not.
    private func reactivate(_ old: String, _ rotation: Rotation, _ new: Standing, _ entry: Entry) throws {
        guard case .accepted = new else {
            if case .accepted = try standing(.otherKey) { return }
            throw Failure(
                .malformed, "AWS accepts neither \(entry.accessKeyID) nor \(old)",
                hint:
                    "look at the user's keys in the console; 'sealring rotate \(name) --forget' gives the rotation up"
            )
        }
        do {
            guard try keys.activate(old) else {
                throw Failure(
                    .malformed, "\(old) is deleted: there is no way back",
                    hint: "bring the rotation to its end with 'sealring rotate \(name) --resume'")
            }
        } catch let error as AWSRefused where error.refusal.code.hasPrefix("AccessDenied") {
            // Who may not change keys may go back to one that was never changed.
            guard rotation.phase == .switched, case .accepted = try standing(.otherKey) else { throw error }
        }
    }

    /// Deletes the new key, which is not served.
    ///
    /// - Parameter isChecked: whether AWS was just seen to accept the old one.
    func finishAbandoning(isChecked: Bool = false) throws {
        let (entry, rotation) = try current()
        let new = try other(rotation)
        if !isChecked, case .accepted = try standing(.otherKey), try isRefusedTwice(.key) {
            // Somebody has ended the old key meanwhile: the new one is the only one that is left.
            try checkTwice(.otherKey, isOfUserOf: .refused, entry)
            vault.conversation.warn(
                "AWS does not accept \(entry.accessKeyID) any more: \(name) goes on to \(new)")
            try seal(.swap, from: rotation) { try Self.exchange(&$0, phase: .switched) }
            // The way back was asked for: what cannot be undone is not done by itself.
            return try deactivate(deletes: isForced)
        }
        try keys.delete(new, isOld: false)
        try seal(.edit, from: rotation) { $0.rotation = nil }
        vault.conversation.note("deleted \(new): \(name) serves the key that it had before")
    }

    /// Has the two keys change places; their secrets do so in the vault.
    private static func exchange(_ entry: inout Entry, phase: Rotation.Phase) throws {
        guard var rotation = entry.rotation, let other = rotation.otherAccessKeyID else {
            throw Failure(.missing, "there is no second key")
        }
        rotation.phase = phase
        rotation.otherAccessKeyID = entry.accessKeyID
        (entry.createdAt, rotation.otherCreatedAt) = (rotation.otherCreatedAt, entry.createdAt)
        entry.accessKeyID = other
        entry.rotation = rotation
    }

    private func other(_ rotation: Rotation) throws -> String {
        guard let id = rotation.otherAccessKeyID else { throw none() }
        return id
    }
}
