import AWSRequests
import AWSValues
import AgentProtocol
import Platform
import ProgramSupport
package import SecureMemory

/// The access keys of an entry's user, as IAM and STS have them.
package struct IAMKeys: UserKeys {
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

    package var now: Int64 { client.conversation.now + client.skew }

    package func list() throws -> [UserKey] {
        var listed: [UserKey] = []
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
    private func page(_ marker: String) throws -> ([UserKey], String?) {
        try ask(.listAccessKeys, marker, to: "list the keys of the user") { reply in
            let ids = reply.texts("AccessKeyMetadata/member/AccessKeyId", limit: 128)
            let states = reply.texts("AccessKeyMetadata/member/Status", limit: 32)
            let times = reply.texts("AccessKeyMetadata/member/CreateDate", limit: 40)
            let isCut = reply.text("ListAccessKeysResult/IsTruncated", limit: 8) == "true"
            let next = isCut ? reply.text("ListAccessKeysResult/Marker", limit: 512) : nil
            guard ids.count == states.count, ids.count == times.count, ids.count <= 16,
                !isCut || next != nil
            else { throw Failure(.malformed, "AWS's list of keys is invalid") }
            let keys = try ids.indices.map { place in
                guard AccessKeyID.classify(ids[place]) != nil, let time = Timestamp.seconds(times[place])
                else {
                    throw Failure(.malformed, "AWS's list of keys is invalid")
                }
                return UserKey(id: ids[place], isActive: states[place] == "Active", createdAt: time)
            }
            return (keys, next)
        }
    }

    package func lastUse(of id: String) throws -> Int64? {
        try ask(.getAccessKeyLastUsed, id, to: "ask when \(id) was last used") { reply in
            let path = "AccessKeyLastUsed/LastUsedDate"
            guard let text = reply.text(path, limit: 40), !text.isEmpty, text != "N/A" else {
                return nil
            }
            guard let time = Timestamp.seconds(text) else {
                throw Failure(.malformed, "AWS does not say when \(id) was last used")
            }
            return time
        }
    }

    package func create() throws -> NewUserKey {
        let made = try ask(.createAccessKey, to: "create a new key") {
            reply -> (String, Int64, [SecretHolder]) in
            guard let id = reply.text("AccessKey/AccessKeyId", limit: 128),
                AccessKeyID.classify(id) != nil,
                let secret = reply.first("AccessKey/SecretAccessKey"),
                (16...512).contains(secret.byteCount),
                secret.allSatisfy(\.isVisible)
            else {
                // It is made, and its secret is lost.
                throw NoAnswer(Failure(.malformed, "AWS's response contains no new key"))
            }
            let createdAt = reply.time("AccessKey/CreateDate") ?? client.conversation.now
            do {
                return try (id, createdAt, [SecretHolder(SecretBytes(copying: secret))])
            } catch {
                throw NoAnswer(Failure.of(error) ?? Failure(.memory, "not enough memory for the new key"))
            }
        }
        return NewUserKey(id: made.0, createdAt: made.1, secret: made.2[0].take())
    }

    package func activate(_ id: String) throws -> Bool {
        do {
            try ask(.activateAccessKey, id, to: "activate \(id)") { _ in () }
            return true
        } catch let error as AWSRefused where error.refusal.code == "NoSuchEntity" {
            return false
        }
    }

    package func deactivate(_ id: String) throws {
        do {
            // IAM may learn of the key that signs later than STS.
            try whenKnown { try ask(.deactivateAccessKey, id, to: "deactivate \(id)") { _ in () } }
        } catch let error as AWSRefused where error.refusal.code == "NoSuchEntity" {
            return
        }
    }

    package func delete(_ id: String, isOld: Bool) throws {
        do {
            try whenKnown { try ask(.deleteAccessKey, id, to: "delete \(id)") { _ in () } }
        } catch let error as AWSRefused where error.refusal.code == "NoSuchEntity" {
            return
        } catch let error as AWSRefused where error.refusal.code.hasPrefix("AccessDenied") {
            // Whoever may not delete it is not told that somebody else has.
            guard isOld, let listed = try? list(), !listed.contains(where: { $0.id == id }) else {
                throw error
            }
        }
    }

    package func deleteNew(_ id: String) throws {
        try whenKnown { try ask(.deleteAccessKey, id, to: "delete \(id)") { _ in () } }
    }

    /// Does something again while AWS does not know the key that signs: not all of it learns of a new one at once.
    private func whenKnown<Result>(_ body: () throws -> Result) throws -> Result {
        let deadline = client.conversation.monotonic + 60
        var progress: Progress?
        while true {
            do {
                return try body()
            } catch let error as AWSRefused
                where error.isOfUnknownKey && client.conversation.monotonic < deadline
            {
                if progress == nil {
                    progress = Progress("waiting for AWS to accept the new key", client.conversation)
                }
                client.conversation.sleep(seconds: 2)
            }
        }
    }

    package func owner(of key: SealedKey) throws -> String? {
        do { return try identity(key) } catch let error as AWSRefused where error.isOfUnknownKey {
            return nil
        }
    }

    package func awaitedOwner(of key: SealedKey) throws -> String { try whenKnown { try identity(key) } }

    private func identity(_ key: SealedKey) throws -> String {
        try client.call(
            .getCallerIdentity, name, signer: key == .served ? .key : .otherKey,
            action: "ask for its identity"
        ) { reply, _ in
            guard let arn = reply.text("GetCallerIdentityResult/Arn") else {
                throw Failure(.malformed, "AWS's response contains no identity")
            }
            return arn
        }
    }

    private func ask<Result>(
        _ call: AgentMessage.Call, _ argument: String = "", to action: String,
        _ read: (borrowing AWSReply) throws -> Result
    ) throws -> Result {
        let deadline = client.conversation.monotonic + 40
        while true {
            do {
                return try client.call(
                    call, name, signer: needsMFA ? .session : .key, argument: argument,
                    action: action
                ) { reply, _ in try read(reply) }
            } catch let failure as Failure
                where failure.isUntilNextCode && client.conversation.monotonic < deadline
            {
                // A sealed seed makes one code in 30 seconds.
                client.conversation.sleep(seconds: 2)
            }
        }
    }
}

extension Failure {
    /// Whether a code of an MFA device that the agent makes is to be waited for.
    fileprivate var isUntilNextCode: Bool {
        switch reason {
        case .seedCodeUsed, .codesBusy: true
        case .some: false
        case nil: code == .busy
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
