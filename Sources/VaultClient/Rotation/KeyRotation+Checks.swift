import AWSValues
import AgentProtocol
import CredentialVault
import Platform
import ProgramSupport

/// What is looked at before something is changed.
extension KeyRotation {
    /// How long a key that a lost answer has made may take to be seen, and how long it may have taken to be made.
    private static let orphanPatience: Int64 = 15 * 60
    private static let orphanWindow: Int64 = 20 * 60

    /// The keys of the entry's user, when one more can be made and no other entry would lose its own.
    func preflight(_ entry: Entry, _ entries: EntryList) throws -> [IAMKeys.Key] {
        let id = entry.accessKeyID
        for other in entries.sorted where other.name != name {
            guard other.accessKeyID == id || other.rotation?.otherAccessKeyID == id else { continue }
            throw Failure(
                .exists, "'\(other.name)' has the same access key, \(id), and would lose it",
                hint: "remove one of the two first")
        }
        let listed = try keys.list()
        guard let own = listed.first(where: { $0.id == id }) else {
            throw Failure(
                .malformed, "IAM does not list \(id) among the keys of its user",
                hint: "see 'sealring verify \(name)'; a key of the account's root is rotated in the console")
        }
        guard own.isActive else {
            throw Failure(.malformed, "\(own.id) is inactive", hint: "activate it in the console first")
        }
        if listed.count > 1 { throw tooMany(listed, entries) }
        return listed
    }

    private func tooMany(_ listed: [IAMKeys.Key], _ entries: EntryList) -> Failure {
        let described = listed.map { key in
            let use: String
            do {
                use = try keys.lastUse(of: key.id).map { "last used \(EntryFacts.time($0))" } ?? "never used"
            } catch { use = "last use unknown" }
            let holder = entries.sorted.first { $0.accessKeyID == key.id }
            let place = holder.map { ", in the vault as '\($0.name)'" } ?? ""
            return "\(key.id) (\(key.isActive ? "active" : "inactive"), \(use)\(place))"
        }
        return Failure(
            .exists,
            "the user has two keys already, and AWS allows no third: \(described.joined(separator: "; "))",
            hint: "delete the one that nobody uses in the console; none is deleted here unasked")
    }

    // MARK: whether AWS accepts a key

    package enum Standing {
        /// By the user with this ARN.
        case accepted(String)
        /// AWS does not know the key, or it is inactive.
        case refused
    }

    func standing(_ signer: AgentMessage.Signer) throws -> Standing {
        do {
            return .accepted(try keys.identity(signer))
        } catch let error as AWSRefused where error.isOfUnknownKey {
            return .refused
        }
    }

    /// Waits until AWS accepts a key, twice with a while between, and sees that it is of the same user.
    ///
    /// - Parameter known: how the other key of the two stands.
    func checkTwice(_ signer: AgentMessage.Signer, isOfUserOf known: Standing, _ entry: Entry) throws {
        try check(signer, isOfUserOf: known, entry)
        settle()
        try check(signer, isOfUserOf: known, entry)
    }

    private func check(
        _ signer: AgentMessage.Signer, isOfUserOf known: Standing, _ entry: Entry
    ) throws {
        let found = try keys.whenKnown { try keys.identity(signer) }
        let isSame: Bool
        switch known {
        case .accepted(let arn): isSame = found == arn
        case .refused:
            // Nobody tells the user of the other key any more; its account is known.
            let account = entry.accountID ?? AccessKeyID.accountID(of: entry.accessKeyID)
            let parts = found.split(separator: ":", omittingEmptySubsequences: false)
            isSame = account.map { account in parts.count > 4 && parts[4] == account } ?? true
        }
        guard isSame else {
            throw Failure(
                .malformed,
                "the key that would be served belongs to \(found.printable), and not to the same user",
                hint: "look at the user's keys in the console; 'sealring rotate \(name) --forget' gives it up"
            )
        }
    }

    /// Whether AWS refuses a key, twice with a while between: it may only not know it again yet.
    func isRefusedTwice(_ signer: AgentMessage.Signer) throws -> Bool {
        guard case .refused = try standing(signer) else { return false }
        settle()
        guard case .refused = try standing(signer) else { return false }
        return true
    }

    private func settle() {
        guard settling > 0 else { return }
        let progress = Progress("waiting until all of AWS knows the key", vault.conversation)
        sleep(settling)
        progress.end()
    }

    // MARK: a lost answer

    /// Looks for the key that a request has made whose answer was lost, and deletes it after asking.
    func removeOrphan(_ rotation: Rotation) throws {
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
            if keys.now < again, !isForced {
                throw Failure(
                    .busy, "AWS shows no new key, but may still do so",
                    hint:
                        "run 'sealring rotate \(name)' with the same option after \(EntryFacts.time(again)), or go on with --force"
                )
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
        vault.conversation.note(
            "\(orphan.id) was made at \(EntryFacts.time(orphan.createdAt)) by a request whose answer was lost, and never used"
        )
        if !isForced { try vault.conversation.require("Delete it?") }
        try keys.delete(orphan.id, isOld: false)
        vault.conversation.note("deleted \(orphan.id)")
    }
}
