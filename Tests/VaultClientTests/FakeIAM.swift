import CredentialVault
import ProgramSupport
import TestSupport

@testable import AWSRequests
@testable import VaultClient

/// A user of AWS with access keys, asked with the keys of a ``MemoryVault``'s entry.
final class FakeIAM: UserKeys {
    struct Key {
        var isActive = true
        var createdAt: Int64
        var lastUsedAt: Int64?
    }

    let vault: MemoryVault
    let name: String
    var keys: [String: Key] = [:]
    var arn = "arn:aws:iam::123456789012:user/prod"
    /// How far AWS's clock is ahead.
    var skew: Int64 = 0
    /// The ids of keys whose ARN is another one.
    var foreign: [String: String] = [:]
    /// The ids of keys that IAM does not list.
    var isHidden: Set<String> = []
    var isShownInactive = false
    private var made = 0

    static let first = "AKIAIOSFODNN7EXAMPLE"

    init(_ vault: MemoryVault, _ name: String = "prod") throws {
        self.vault = vault
        self.name = name
        keys[Self.first] = Key(createdAt: 1_600_000_000)
    }

    static func secret(of id: String) -> String { "made-up-secret-of-\(id)" }

    /// The id of the nth key that is made.
    static func id(_ number: Int) -> String { "AKIAMADE\(number)AAAAAAAAAAA" }

    /// Whether AWS accepts one of the two keys of the entry.
    func accepts(_ key: SealedKey) -> Bool {
        guard let entry = vault[name] else { return false }
        let id = key == .served ? entry.accessKeyID : entry.rotation?.otherAccessKeyID
        guard let id, let text = try? vault.secretText(of: name, isOther: key == .other) else { return false }
        return keys[id]?.isActive == true && text == Self.secret(of: id)
    }

    /// A refusal of AWS.
    static func refusal(_ code: String, status: UInt32 = 403) -> AWSRefused {
        AWSRefused(
            Failure(.notPermitted, "AWS says \(code)"),
            AWSRefusal(code: code, message: "", requestID: nil, status: status))
    }

    private func asked<Result: ~Copyable>(_ action: String, _ body: () throws -> Result) throws -> Result {
        try vault.world.act(action) {
            guard accepts(.served) else { throw Self.refusal("InvalidClientTokenId") }
            return try body()
        }
    }

    var now: Int64 { vault.recorder.now + skew }

    func list() throws -> [UserKey] {
        try asked("list") {
            keys.filter { !isHidden.contains($0.key) }
                .map { UserKey(id: $0, isActive: $1.isActive && !isShownInactive, createdAt: $1.createdAt) }
                .sorted { $0.id < $1.id }
        }
    }

    func lastUse(of id: String) throws -> Int64? { try asked("last use") { keys[id]?.lastUsedAt } }

    func create() throws -> NewUserKey {
        try asked("create") {
            guard keys.count < 2 else { throw Self.refusal("LimitExceeded", status: 409) }
            made += 1
            let id = Self.id(made)
            keys[id] = Key(createdAt: now)
            return try NewUserKey(
                id: id, createdAt: now, secret: TestSupport.secret(Self.secret(of: id)))
        }
    }

    func activate(_ id: String) throws -> Bool {
        try asked("activate") {
            guard keys[id] != nil else { return false }
            keys[id]?.isActive = true
            return true
        }
    }

    func deactivate(_ id: String) throws { try asked("deactivate") { keys[id]?.isActive = false } }

    func delete(_ id: String, isOld: Bool) throws { try asked("delete") { keys[id] = nil } }

    func deleteNew(_ id: String) throws { try asked("delete new") { keys[id] = nil } }

    func owner(of key: SealedKey) throws -> String? {
        try vault.world.act(key == .served ? "who is served" : "who is other") {
            guard accepts(key), let entry = vault[name] else { return nil }
            let id = key == .served ? entry.accessKeyID : entry.rotation?.otherAccessKeyID
            return foreign[id ?? ""] ?? arn
        }
    }

    func awaitedOwner(of key: SealedKey) throws -> String {
        guard let owner = try owner(of: key) else { throw Self.refusal("InvalidClientTokenId") }
        return owner
    }
}
