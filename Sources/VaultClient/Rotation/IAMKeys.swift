import AWSRequests
import AWSValues
import AgentProtocol
import Platform
import ProgramSupport
package import SecureMemory

/// The access keys of an entry's user, as IAM has them.
package struct IAMKeys {
    private let client: SessionClient
    /// The entry.
    private let name: String
    /// Whether requests need a session with MFA.
    private let needsMFA: Bool

    package init(_ client: SessionClient, _ name: String, needsMFA: Bool) {
        self.client = client
        self.name = name
        self.needsMFA = needsMFA
    }

    package struct Key {
        package let id: String
        let isActive: Bool
        /// Unix seconds.
        package let createdAt: Int64
    }

    package struct NewKey: ~Copyable {
        package let id: String
        package let createdAt: Int64
        package let secret: SecretBytes
    }

    /// Unix seconds by AWS's clock, as its last answer told it.
    package var now: Int64 { UnixTime.now() + client.skew }

    package func list() throws -> [Key] {
        var listed: [Key] = []
        var marker = ""
        for _ in 0..<Self.pageLimit {
            let (page, next) = try page(marker)
            listed += page
            guard let next else { return listed }
            marker = next
        }
        throw Failure(.malformed, "AWS lists more keys than a user can have")
    }

    private static let pageLimit = 4

    /// - Returns: the keys, and what the next page is asked for with.
    private func page(_ marker: String) throws -> ([Key], String?) {
        try unsafe ask(.listAccessKeys, marker, "list the keys of the user") { reply in
            let ids = unsafe reply.texts("AccessKeyMetadata/member/AccessKeyId", limit: 128)
            let states = unsafe reply.texts("AccessKeyMetadata/member/Status", limit: 32)
            let times = unsafe reply.texts("AccessKeyMetadata/member/CreateDate", limit: 40)
            let isCut = unsafe reply.text("ListAccessKeysResult/IsTruncated", limit: 8) == "true"
            let next = unsafe isCut ? reply.text("ListAccessKeysResult/Marker", limit: 512) : nil
            guard ids.count == states.count, ids.count == times.count, ids.count <= 16,
                !isCut || next != nil
            else { throw Failure(.malformed, "AWS's list of keys is none") }
            let keys = try ids.indices.map { place in
                guard AccessKeyID.classify(ids[place]) != nil, let time = Timestamp.seconds(times[place])
                else {
                    throw Failure(.malformed, "AWS's list of keys is none")
                }
                return Key(id: ids[place], isActive: states[place] == "Active", createdAt: time)
            }
            return (keys, next)
        }
    }

    /// When a key was used last, in Unix seconds; nil when never.
    package func lastUse(of id: String) throws -> Int64? {
        try unsafe ask(.getAccessKeyLastUsed, id, "ask when \(id) was used last") { reply in
            let path = "AccessKeyLastUsed/LastUsedDate"
            guard let text = unsafe reply.text(path, limit: 40), !text.isEmpty, text != "N/A" else {
                return nil
            }
            guard let time = Timestamp.seconds(text) else {
                throw Failure(.malformed, "AWS does not tell when \(id) was used last")
            }
            return time
        }
    }

    package func create() throws -> NewKey {
        let made = try unsafe ask(.createAccessKey, "", "make a new key") {
            reply -> (String, Int64, [SecretHolder]) in
            guard let id = unsafe reply.text("AccessKey/AccessKeyId", limit: 128),
                AccessKeyID.classify(id) != nil,
                let secret = unsafe reply.first("AccessKey/SecretAccessKey"),
                (16...512).contains(secret.count),
                unsafe secret.allSatisfy(\.isVisible)
            else {
                // It is made, and its secret is lost.
                throw NoAnswer(Failure(.malformed, "AWS's answer holds no new key"))
            }
            let createdAt = unsafe reply.time("AccessKey/CreateDate") ?? UnixTime.now()
            do {
                return try unsafe (id, createdAt, [SecretHolder(SecretBytes(copying: secret))])
            } catch {
                throw NoAnswer(Failure.of(error) ?? Failure(.memory, "there is no memory for the new key"))
            }
        }
        return NewKey(id: made.0, createdAt: made.1, secret: made.2[0].take())
    }

    /// - Returns: false when there is no such key any more.
    func activate(_ id: String) throws -> Bool {
        do {
            try unsafe ask(.activateAccessKey, id, "activate \(id)") { _ in () }
            return true
        } catch let error as AWSRefused where error.refusal.code == "NoSuchEntity" {
            return false
        }
    }

    /// Makes a key inactive; one that somebody has deleted is so already.
    func deactivate(_ id: String) throws {
        do {
            // IAM may learn of the key that signs later than STS.
            try whenKnown { try unsafe ask(.deactivateAccessKey, id, "deactivate \(id)") { _ in () } }
        } catch let error as AWSRefused where error.refusal.code == "NoSuchEntity" {
            return
        }
    }

    /// Deletes a key; one that is gone already is deleted.
    ///
    /// - Parameter isOld: whether IAM has listed it long ago, so that it is gone when it is not listed any more.
    package func delete(_ id: String, isOld: Bool) throws {
        do {
            try whenKnown { try unsafe ask(.deleteAccessKey, id, "delete \(id)") { _ in () } }
        } catch let error as AWSRefused where error.refusal.code == "NoSuchEntity" {
            return
        } catch let error as AWSRefused where error.refusal.code.hasPrefix("AccessDenied") {
            // Whoever may not delete it is not told that somebody else has.
            guard isOld, let listed = try? list(), !listed.contains(where: { $0.id == id }) else {
                throw error
            }
        }
    }

    /// Deletes a key that was made just now, and that IAM may not know everywhere.
    func deleteNew(_ id: String) throws {
        try whenKnown { try unsafe ask(.deleteAccessKey, id, "delete \(id)") { _ in () } }
    }

    /// Does something again while AWS does not know the key that signs: not all of it learns of a new one at once.
    func whenKnown<Result>(_ body: () throws -> Result) throws -> Result {
        let deadline = MonotonicClock.seconds() + 60
        var progress: Progress?
        while true {
            do {
                return try body()
            } catch let error as AWSRefused where error.isOfUnknownKey && MonotonicClock.seconds() < deadline
            {
                if progress == nil {
                    progress = Progress("waiting until AWS knows the key", client.conversation)
                }
                sleep(2)
            }
        }
    }

    /// Whom a key of the entry belongs to.
    ///
    /// - Parameter signer: which key.
    func identity(_ signer: AgentMessage.Signer) throws -> String {
        try unsafe client.call(.getCallerIdentity, name, signer: signer, action: "ask who it is") {
            reply, _ in
            guard let arn = unsafe reply.text("GetCallerIdentityResult/Arn") else {
                throw Failure(.malformed, "AWS names nobody")
            }
            return arn
        }
    }

    private func ask<Result>(
        _ call: AgentMessage.Call, _ argument: String, _ action: String,
        _ read: (AWSReply) throws -> Result
    ) throws -> Result {
        let deadline = MonotonicClock.seconds() + 40
        while true {
            do {
                return try unsafe client.call(
                    call, name, signer: needsMFA ? .session : .key, argument: argument,
                    action: action
                ) { reply, _ in try unsafe read(reply) }
            } catch let failure as Failure where failure.code == .busy && MonotonicClock.seconds() < deadline
            {
                // A sealed seed makes one code in 30 seconds.
                sleep(2)
            }
        }
    }
}

extension AWSRefused {
    /// Whether AWS does not know the key that signed, or has it as inactive.
    var isOfUnknownKey: Bool {
        ["InvalidClientTokenId", "UnrecognizedClientException"].contains(refusal.code)
    }
}

/// Hands a secret on from where only copyable values may pass.
package final class SecretHolder {
    private var secret: SecretBytes?

    package init(_ secret: consuming SecretBytes) { self.secret = consume secret }

    package func take() -> SecretBytes {
        let held = secret.take()
        switch consume held {
        case .some(let secret): return secret
        case .none: preconditionFailure("it was taken already")
        }
    }
}
