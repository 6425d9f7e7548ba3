import AWSRequests
import AgentProtocol
import CredentialVault
import ProgramSupport
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Replaces an access key by a new one, so that at every moment the vault serves a key that AWS accepts.
///
/// Each step is sealed before the next one begins. Whatever ends it, it can go on from what is sealed; and until
/// the old key is deleted it can go back.
struct KeyRotation {
    let name: String
    let vault: any VaultAccess
    let keys: IAMKeys
    let acceptsRollback: Bool
    /// Seconds between the two checks of the new key: IAM takes a while until all of AWS knows it.
    let settling: UInt32
    /// For how many seconds the old key is kept, inactive.
    let keepingOld: UInt32?
    /// Whether what would be asked is answered with yes.
    let isForced: Bool

    /// How long a key that a lost answer has made may take to be seen, and how long it may have taken to be made.
    static let orphanPatience: Int64 = 15 * 60
    static let orphanWindow: Int64 = 20 * 60

    // MARK: the ways

    /// Begins a rotation and brings it to its end.
    func start() throws {
        let entry = try entry()
        guard entry.rotation == nil else { throw underway(entry) }
        let before = try keys.list()
        guard let own = before.first(where: { $0.id == entry.accessKeyID }) else {
            throw Failure(
                .malformed, "IAM does not list \(entry.accessKeyID) among the keys of its user",
                hint: "see 'sealring verify \(name)'; a key of the account's root is rotated in the console")
        }
        guard own.isActive else {
            throw Failure(.malformed, "\(own.id) is inactive", hint: "activate it in the console first")
        }
        if before.count > 1 { throw try tooMany(before, own: own.id) }
        try seal(.edit) { entry in
            guard entry.rotation == nil else { throw underway(entry) }
            entry.rotation = Rotation(phase: .intended, beganAt: Clock.unix(), keysBefore: before.map(\.id))
            entry.createdAt = entry.createdAt ?? own.createdAt
        }
        try create()
    }

    /// Goes on from what was sealed last.
    func resume() throws {
        guard let rotation = try entry().rotation else { throw none() }
        switch rotation.phase {
        case .intended:
            try removeOrphan(rotation)
            try seal(.edit) { $0.rotation?.beganAt = Clock.unix() }
            try create()
        case .created: try switchOver()
        case .switched: try deactivate()
        case .deactivated: try delete()
        case .abandoned: try finishAbandoning()
        case .later: throw later()
        }
    }

    /// Goes back to the old key.
    func rollBack() throws {
        guard let rotation = try entry().rotation else { throw none() }
        switch rotation.phase {
        case .intended:
            try removeOrphan(rotation)
            try seal(.edit) { $0.rotation = nil }
            Console.note("\(name) is as it was")
        case .created:
            try seal(.edit) { $0.rotation?.phase = .abandoned }
            try finishAbandoning()
        case .switched, .deactivated:
            try takeOldBack()
            try finishAbandoning()
        case .abandoned: try finishAbandoning()
        case .later: throw later()
        }
    }

    // MARK: the steps

    private func create() throws {
        let made: IAMKeys.NewKey
        do {
            made = try keys.create()
        } catch let error where Self.isUnmade(error) {
            // AWS made none: nothing is under way.
            try seal(.edit) { $0.rotation = nil }
            throw error
        } catch {
            let failure = Failure.of(error) ?? Failure(.unavailable, "AWS gave no answer")
            throw Failure(
                failure.code, "\(failure.message); AWS may have made a key whose secret is lost",
                hint:
                    "run 'sealring rotate \(name) --resume' in 15 minutes: it finds that key, and deletes it")
        }
        try seal(made)
        Console.note("made \(made.id), and sealed it beside the old key")
        try switchOver()
    }

    /// Whether an error says that no key was made: the request was never sent, or was refused.
    private static func isUnmade(_ error: any Error) -> Bool {
        switch error {
        case let error as AWSRefused: error.refusal.status < 500
        case is NoAnswer: false
        default: true
        }
    }

    /// Seals the new key, which AWS will show to nobody again.
    private func seal(_ made: borrowing IAMKeys.NewKey) throws {
        let (id, createdAt) = (made.id, made.createdAt)
        let deadline = Clock.now() + 60
        while true {
            do {
                try vault.update(acceptingRollback: acceptsRollback) { entries, changes in
                    guard var entry = entries[name], entry.rotation != nil else { throw none() }
                    entry.rotation?.phase = .created
                    entry.rotation?.otherAccessKeyID = id
                    entry.rotation?.otherCreatedAt = createdAt
                    try changes.append(.otherKey, name: name, entry: entry, secret: made.secret)
                }
                return
            } catch let error where Clock.now() < deadline && Failure.of(error)?.code == .busy {
                usleep(200_000)
            } catch {
                // The secret would be lost: the key goes too.
                try? keys.delete(id)
                throw error
            }
        }
    }

    private func switchOver() throws {
        let old = try keys.identity(.key)
        try check(.otherKey, belongsTo: old)
        if settling > 0 {
            let progress = Progress("waiting until all of AWS knows the new key")
            sleep(settling)
            progress.end()
        }
        try check(.otherKey, belongsTo: old)
        try seal(.swap) { entry in
            guard var rotation = entry.rotation, let new = rotation.otherAccessKeyID else { throw none() }
            rotation.phase = .switched
            rotation.otherAccessKeyID = entry.accessKeyID
            (entry.createdAt, rotation.otherCreatedAt) = (rotation.otherCreatedAt, entry.createdAt)
            entry.accessKeyID = new
            entry.lastUsedAt = nil
            entry.lastUsedAskedAt = nil
            entry.rotation = rotation
        }
        Console.note("\(name) serves the new key")
        try deactivate()
    }

    private func deactivate() throws {
        let old = try other()
        do {
            try keys.deactivate(old)
        } catch let error as AWSRefused where error.refusal.code == "NoSuchEntity" {
            // Somebody has deleted it already.
        }
        try seal(.edit) { entry in
            entry.rotation?.phase = .deactivated
            entry.rotation?.deleteAfter = keepingOld.map { Clock.unix() + Int64($0) }
        }
        Console.note("made \(old) inactive")
        try delete()
    }

    private func delete() throws {
        let old = try other()
        if let time = try entry().rotation?.deleteAfter, time > Clock.unix(), !isForced {
            Console.note("\(old) is kept, inactive, until \(EntryFacts.time(time))")
            return Console.hint("run 'sealring rotate \(name) --resume' then, or '--rollback' before")
        }
        try keys.delete(old)
        try seal(.edit) { $0.rotation = nil }
        Console.note("deleted \(old): \(name) is rotated")
    }

    /// Makes the old key the one that is served again.
    private func takeOldBack() throws {
        let old = try other()
        do {
            // Also where its end is not sealed: it may have been made inactive all the same.
            try keys.activate(old)
        } catch let error as AWSRefused where error.refusal.code == "NoSuchEntity" {
            throw Failure(
                .malformed, "\(old) is deleted: there is no way back",
                hint: "bring the rotation to its end with 'sealring rotate \(name) --resume'")
        }
        try check(.otherKey, belongsTo: keys.identity(.key))
        try seal(.swap) { entry in
            guard var rotation = entry.rotation, let old = rotation.otherAccessKeyID else { throw none() }
            rotation.phase = .abandoned
            rotation.otherAccessKeyID = entry.accessKeyID
            rotation.deleteAfter = nil
            (entry.createdAt, rotation.otherCreatedAt) = (rotation.otherCreatedAt, entry.createdAt)
            entry.accessKeyID = old
            entry.rotation = rotation
        }
    }

    /// Deletes the new key, which is not served.
    private func finishAbandoning() throws {
        let new = try other()
        try keys.delete(new)
        try seal(.edit) { $0.rotation = nil }
        Console.note("deleted \(new): \(name) serves the key that it had before")
    }

    /// Waits until AWS accepts a key, and sees that it is of the same user.
    private func check(_ signer: AgentMessage.Signer, belongsTo arn: String) throws {
        let deadline = Clock.now() + 60
        while true {
            do {
                let found = try keys.identity(signer)
                guard found == arn else {
                    throw Failure(
                        .malformed, "the new key belongs to \(found.printable), not to \(arn.printable)",
                        hint: "go back with 'sealring rotate \(name) --rollback'")
                }
                return
            } catch let error as AWSRefused
                where error.refusal.code == "InvalidClientTokenId" && Clock.now() < deadline
            {
                // Not all of AWS knows it yet.
                sleep(2)
            }
        }
    }

    // MARK: a lost answer

    /// Looks for the key that a request has made whose answer was lost, and deletes it after asking.
    private func removeOrphan(_ rotation: Rotation) throws {
        let listed = try keys.list()
        let strange = listed.filter { !rotation.keysBefore.contains($0.id) }
        guard strange.count <= 1 else {
            throw Failure(
                .malformed,
                "several keys came up since the rotation began: \(strange.map(\.id).joined(separator: ", "))",
                hint: "delete those that are not yours in the console")
        }
        guard let orphan = strange.first else {
            let again = rotation.beganAt + Self.orphanPatience
            if Clock.unix() < again, !isForced {
                throw Failure(
                    .busy, "AWS shows no new key, but may still do so",
                    hint: "run this again after \(EntryFacts.time(again)), or go on with --force")
            }
            return
        }
        let isInTime = (rotation.beganAt - 60...rotation.beganAt + Self.orphanWindow).contains(
            orphan.createdAt)
        guard isInTime, try keys.lastUse(of: orphan.id) == nil else {
            throw Failure(
                .malformed,
                "\(orphan.id) came up since the rotation began, but at another time or it was used: it is not touched",
                hint: "find out whose it is; the rotation goes on when it is deleted")
        }
        Console.note(
            "\(orphan.id) was made at \(EntryFacts.time(orphan.createdAt)) by a request whose answer was lost, and never used"
        )
        if !isForced { try Confirmation.require("Delete it?") }
        try keys.delete(orphan.id)
        Console.note("deleted \(orphan.id)")
    }

    private func tooMany(_ listed: [IAMKeys.Key], own: String) throws -> Failure {
        let described = listed.map { key in
            let use: String
            do {
                use = try keys.lastUse(of: key.id).map { "last used \(EntryFacts.time($0))" } ?? "never used"
            } catch { use = "last use unknown" }
            return
                "\(key.id) (\(key.isActive ? "active" : "inactive"), \(use)\(key.id == own ? ", in the vault" : ""))"
        }
        return Failure(
            .exists,
            "the user has two keys already, and AWS allows no third: \(described.joined(separator: "; "))",
            hint: "delete the one that nobody uses in the console; none is deleted here unasked")
    }

    // MARK: the vault

    private func entry() throws -> Entry { try vault.entry(named: name) }

    private func other() throws -> String {
        guard let id = try entry().rotation?.otherAccessKeyID else { throw none() }
        return id
    }

    private func seal(_ kind: VaultChanges.Kind, _ change: (inout Entry) throws -> Void) throws {
        try vault.update(acceptingRollback: acceptsRollback) { entries, changes in
            guard var entry = entries[name] else {
                throw VaultError(.noSuchEntry(name), path: vault.location.path)
            }
            try change(&entry)
            try changes.append(kind, name: name, entry: entry)
        }
    }

    private func none() -> Failure { Failure(.missing, "no rotation of '\(name)' is under way") }

    private func later() -> Failure {
        Failure(
            .malformed, "a later version of sealring began to rotate '\(name)', in a way unknown to this one",
            hint: "go on with that version")
    }

    private func underway(_ entry: Entry) -> Failure {
        Failure(
            .exists, "a rotation of '\(name)' is under way (\(entry.rotation?.phase.text ?? ""))",
            hint: "go on with 'sealring rotate \(name) --resume', or back with '--rollback'")
    }
}
