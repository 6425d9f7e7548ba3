import AWSRequests
import AWSValues
import AgentProtocol
import ProgramSupport
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The access keys of an entry's user, as IAM has them.
struct IAMKeys {
    private let client: SessionClient
    /// The entry.
    private let name: String
    /// Whether requests need a session with MFA.
    private let needsMFA: Bool

    init(_ client: SessionClient, _ name: String, needsMFA: Bool) {
        self.client = client
        self.name = name
        self.needsMFA = needsMFA
    }

    struct Key {
        let id: String
        let isActive: Bool
        /// Unix seconds.
        let createdAt: Int64
    }

    struct NewKey: ~Copyable {
        let id: String
        let createdAt: Int64
        let secret: SecretBytes
    }

    func list() throws -> [Key] {
        try unsafe ask(.listAccessKeys, "", "list the keys of the user") { reply in
            let ids = unsafe reply.texts("AccessKeyMetadata/member/AccessKeyId", limit: 128)
            let states = unsafe reply.texts("AccessKeyMetadata/member/Status", limit: 32)
            let times = unsafe reply.texts("AccessKeyMetadata/member/CreateDate", limit: 40)
            guard ids.count == states.count, ids.count == times.count, ids.count <= 16,
                unsafe reply.text("ListAccessKeysResult/IsTruncated") != "true"
            else { throw Failure(.malformed, "AWS's list of keys is none") }
            return try ids.indices.map { place in
                guard AccessKeyID.classify(ids[place]) != nil, let time = AWSTime.seconds(times[place]) else {
                    throw Failure(.malformed, "AWS's list of keys is none")
                }
                return Key(id: ids[place], isActive: states[place] == "Active", createdAt: time)
            }
        }
    }

    /// When a key was used last, in Unix seconds; nil when never.
    func lastUse(of id: String) throws -> Int64? {
        try unsafe ask(.getAccessKeyLastUsed, id, "ask when \(id) was used last") { reply in
            unsafe reply.time("AccessKeyLastUsed/LastUsedDate")
        }
    }

    func create() throws -> NewKey {
        let made = try unsafe ask(.createAccessKey, "", "make a new key") {
            reply -> (String, Int64, [SecretHolder]) in
            guard let id = unsafe reply.text("AccessKey/AccessKeyId", limit: 128),
                AccessKeyID.classify(id) != nil,
                let secret = unsafe reply.first("AccessKey/SecretAccessKey"),
                (16...512).contains(secret.count),
                unsafe secret.allSatisfy({ (0x21...0x7E).contains($0) })
            else {
                // It is made, and its secret is lost.
                throw NoAnswer(Failure(.malformed, "AWS's answer holds no new key"))
            }
            let createdAt = unsafe reply.time("AccessKey/CreateDate") ?? Clock.unix()
            return try unsafe (id, createdAt, [SecretHolder(SecretBytes(copying: secret))])
        }
        return NewKey(id: made.0, createdAt: made.1, secret: made.2[0].take())
    }

    func activate(_ id: String, signer: AgentMessage.Signer? = nil) throws {
        try unsafe ask(.activateAccessKey, id, "activate \(id)", signer) { _ in () }
    }

    func deactivate(_ id: String) throws {
        try unsafe ask(.deactivateAccessKey, id, "deactivate \(id)") { _ in () }
    }

    /// Deletes a key; one that is gone already is deleted.
    func delete(_ id: String) throws {
        do {
            try unsafe ask(.deleteAccessKey, id, "delete \(id)") { _ in () }
        } catch let error as AWSRefused where error.refusal.code == "NoSuchEntity" {
            return
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
        _ call: AgentMessage.Call, _ argument: String, _ action: String, _ signer: AgentMessage.Signer? = nil,
        _ read: (AWSReply) throws -> Result
    ) throws -> Result {
        let deadline = Clock.now() + 40
        while true {
            do {
                return try unsafe client.call(
                    call, name, signer: signer ?? (needsMFA ? .session : .key), argument: argument,
                    action: action
                ) { reply, _ in try unsafe read(reply) }
            } catch let failure as Failure where failure.code == .busy && Clock.now() < deadline {
                // A sealed seed makes one code in 30 seconds.
                sleep(2)
            }
        }
    }
}

/// Hands a secret on from where only copyable values may pass.
final class SecretHolder {
    private var secret: SecretBytes?

    init(_ secret: consuming SecretBytes) { self.secret = consume secret }

    func take() -> SecretBytes {
        let held = secret.take()
        switch consume held {
        case .some(let secret): return secret
        case .none: preconditionFailure("it was taken already")
        }
    }
}
