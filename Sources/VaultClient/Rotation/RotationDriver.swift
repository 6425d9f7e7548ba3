import AWSRequests
package import CredentialVault
import ProgramSupport
import SecureMemory

/// Does what the rules say, one step after the other.
package final class RotationDriver {
    private let vault: any VaultAccess
    private let keys: any UserKeys
    private let acceptsRollback: Bool
    /// Seconds between two questions about a key: IAM takes a while until all of AWS knows it.
    private let settling: UInt32
    private var facts: RotationFacts
    /// The secret of a new key until it is sealed.
    private var secret: SecretBytes?

    private var conversation: any Conversation { vault.conversation }

    package init(
        _ request: RotationRequest, of entry: Entry, among entries: EntryList, in vault: any VaultAccess,
        keys: any UserKeys, acceptsRollback: Bool
    ) {
        self.vault = vault
        self.keys = keys
        self.acceptsRollback = acceptsRollback
        settling = request.settling
        facts = RotationFacts(
            goal: request.goal, isForced: request.isForced, keepingOld: request.keepingOld.map(Int64.init),
            entry: entry)
        for other in entries.sorted {
            facts.holders[other.accessKeyID] = facts.holders[other.accessKeyID] ?? other.name
            guard other.name != entry.name, facts.rival == nil else { continue }
            let ids = [other.accessKeyID, other.rotation?.otherAccessKeyID]
            if ids.contains(entry.accessKeyID) { facts.rival = other.name }
        }
    }

    /// - Throws: what ends the rotation, with the commands that go on or back.
    package func run() throws {
        RotationNotice.set(facts.entry, conversation)
        do {
            while true {
                (facts.now, facts.awsNow) = (conversation.now, keys.now)
                let step = RotationRules.next(facts)
                step.before.forEach(say)
                if case .finish = step.action { return }
                try perform(step.action)
                step.after.forEach(say)
                facts.verdict = step.verdict
            }
        } catch { throw explained(error) }
    }

    private func say(_ remark: RotationStep.Remark) {
        switch remark {
        case .note(let text): conversation.note(text)
        case .warning(let text): conversation.warn(text)
        case .hint(let text): conversation.hint(text)
        }
    }

    private func perform(_ action: RotationStep.Action) throws {
        switch action {
        case .list: facts.learned.listed = try keys.list()
        case .lastUse(let id, let isRequired):
            facts.learned.lastUses[id] = try answer(isRequired, or: RotationFacts.LastUse.unknown) {
                try keys.lastUse(of: id).map { .at($0) } ?? .never
            }
        case .standing(let key, let isRequired):
            let standing = try answer(isRequired, or: RotationFacts.Standing.unknown) {
                try keys.owner(of: key).map { .accepted($0) } ?? .refused
            }
            if key == .served {
                facts.learned.served.append(standing)
            } else {
                facts.learned.other = standing
            }
            facts.learned.isSettled = false
        case .awaitOther:
            facts.learned.owners.append(try keys.awaitedOwner(of: .other))
            facts.learned.isSettled = false
        case .settle: settle()
        case .create: facts.learned.creation = create()
        case .activate(let id): facts.learned.activation = try activate(id)
        case .deactivate(let id):
            try requireUnchanged()
            try keys.deactivate(id)
            facts.learned.isDeactivated = true
        case .delete(let id, let isOld):
            try requireUnchanged()
            try keys.delete(id, isOld: isOld)
            facts.learned.deleted.insert(id)
        case .seal(.keepNew(let id, let createdAt)): try sealNew(id, createdAt)
        case .seal(let change): try seal(change)
        case .confirm(let question):
            try conversation.require(question)
            facts.learned.isConfirmed = true
        case .refuse(let refusal): throw refusal
        case .finish: return
        }
    }

    private func answer<Answer>(
        _ isRequired: Bool, or fallback: Answer, _ body: () throws -> Answer
    ) throws -> Answer {
        do { return try body() } catch {
            if isRequired { throw error }
            return fallback
        }
    }

    private func settle() {
        facts.learned.isSettled = true
        guard settling > 0 else { return }
        let progress = Progress("waiting for all of AWS to accept the key", conversation)
        conversation.sleep(seconds: Double(settling))
        progress.end()
    }

    private func activate(_ id: String) throws -> RotationFacts.Activation {
        do {
            return try keys.activate(id) ? .done : .gone
        } catch let error as AWSRefused where error.refusal.code.hasPrefix("AccessDenied") {
            return .denied(error.failure)
        }
    }

    private func create() -> RotationFacts.Creation {
        do {
            let made = try keys.create()
            let (id, createdAt) = (made.id, made.createdAt)
            secret = made.intoSecret()
            return .made(id: id, createdAt: createdAt)
        } catch {
            let failure = Failure.of(error) ?? Failure(.unavailable, "AWS gave no answer")
            return Self.isUnmade(error) ? .notMade(failure) : .lost(failure)
        }
    }

    /// Whether an error says that no key was made: the request was never sent, or was refused.
    private static func isUnmade(_ error: any Error) -> Bool {
        switch error {
        case let error as AWSRefused: error.refusal.status < 500
        case is Failure, is VaultError: true
        default: false
        }
    }

    // MARK: the vault

    /// Looks whether another program, perhaps of another machine, has gone on with the rotation since it was read:
    /// the key that AWS is asked to take away may be the one that is served again.
    private func requireUnchanged() throws {
        let entry = try vault.entry(named: facts.name)
        guard entry.rotation == facts.entry.rotation, entry.accessKeyID == facts.entry.accessKeyID else {
            throw Self.overtaken(facts.name)
        }
    }

    private static func overtaken(_ name: String) -> Failure {
        Failure(
            .exists, "another program continued the rotation of '\(name)'",
            hint: "check it with 'sealring show \(name)'")
    }

    /// Seals a change, unless another program continued meanwhile from what this one knows.
    private func seal(_ change: RotationChange) throws {
        let facts = self.facts
        let entry = try vault.update(acceptingRollback: acceptsRollback) { entries, changes in
            guard var entry = entries[facts.name] else {
                throw VaultError(.noSuchEntry(facts.name), path: vault.location.path)
            }
            guard entry.rotation == facts.entry.rotation else { throw Self.overtaken(facts.name) }
            change.apply(to: &entry, facts)
            switch secret {
            case .some(let secret) where change.kind == .otherKey:
                try changes.append(change.kind, name: facts.name, entry: entry, secret: secret)
            default: try changes.append(change.kind, name: facts.name, entry: entry)
            }
            return entry
        }
        // The rules go on to the new key against the direction that was asked for.
        if facts.entry.rotation?.phase == .abandoned, change == .exchange(.switched) {
            self.facts.hasTurned = true
        }
        self.facts.sealed(change, as: entry)
        RotationNotice.set(entry, conversation)
    }

    /// How long a new key is tried to be sealed while other programs are changing the vault, in seconds.
    private static let sealingTimeout = 60.0

    /// Seals the new key, which AWS will show to nobody again.
    private func sealNew(_ id: String, _ createdAt: Int64) throws {
        let deadline = conversation.monotonic + Self.sealingTimeout
        while true {
            do {
                try seal(.keepNew(id: id, createdAt: createdAt))
                return secret = nil
            } catch let error where conversation.monotonic < deadline && Failure.of(error)?.code == .busy {
                conversation.sleep(seconds: 0.2)
            } catch let error as VaultError where error.reason == .durabilityUnknown {
                // It is in place: to delete the key now would leave one that AWS does not have.
                throw error
            } catch { throw unsealed(id, error) }
        }
    }

    /// The secret would be lost: the key goes too.
    private func unsealed(_ id: String, _ error: any Error) -> any Error {
        let failure = Failure.of(error) ?? Failure(.inputOutput, "it failed")
        let reason = "AWS created \(id), but it could not be sealed: \(failure.message)"
        do {
            try keys.deleteNew(id)
            try? seal(.end)
            return Failure(failure.code, "\(reason); it was deleted again", hint: failure.hint)
        } catch {
            return RotationRefusal(
                Failure(
                    failure.code, "\(reason); it still exists at AWS, and its secret is lost",
                    hint:
                        "\(failure.hint.map { "\($0); then " } ?? "")run 'sealring rotate \(facts.name) --resume': it finds and deletes that key"
                ), saysHow: true)
        }
    }

    /// The error, and where it leaves the rotation.
    private func explained(_ error: any Error) -> any Error {
        if let refusal = error as? RotationRefusal, refusal.saysHow { return refusal }
        guard let failure = Failure.of(error), let entry = try? vault.entry(named: facts.name) else {
            return error
        }
        let ways: String
        if let rotation = entry.rotation {
            guard rotation.phase != .later else { return error }
            ways = "\(RotationNotice.served(entry)); \(RotationNotice.ways(entry).joined(separator: ", or "))"
        } else if failure.code == .unavailable {
            // Before the first step is sealed, AWS was asked questions only.
            ways = "\(RotationNotice.served(entry)), and nothing was changed"
        } else {
            return error
        }
        return Failure(failure.code, failure.message, hint: failure.hint.map { "\($0); \(ways)" } ?? ways)
    }
}
