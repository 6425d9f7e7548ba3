import AgentProtocol
import CredentialImport
package import CredentialVault
import ProgramSupport
import SecureMemory

extension ImportPlan.Item {
    package func entry(region: String?) -> Entry {
        var entry = Entry(name: name, accessKeyID: key.accessKeyID)
        entry.accountID = key.accountID
        entry.userName = key.userName
        entry.createdAt = key.createdAt
        entry.expiration = key.expiration
        entry.region = region ?? key.region
        let document = "\(source.document.format.rawValue): \(source.name)"
        entry.source = source.path == nil ? "environment" : String(document.printable.prefix(200))
        beside?.apply(to: &entry, isTemporary: key.sessionToken != nil)
        return entry
    }

    /// Seals the item's secrets under an entry of its own, or in the place of one.
    package func add(as entry: Entry, to changes: inout VaultChanges) throws {
        try source.document.withSecret(key.secretAccessKey) { secret in
            guard let token = key.sessionToken else {
                return try changes.append(
                    .replace, entry: entry, secretAccessKey: secret, sessionToken: RawSpan())
            }
            try source.document.withSecret(token) { token in
                try changes.append(.replace, entry: entry, secretAccessKey: secret, sessionToken: token)
            }
        }
    }

    /// Whether the entry has the secrets of the item.
    func hasSameSecrets(as name: String, _ isSame: SecretComparison) throws -> Bool {
        try source.document.withSecret(key.secretAccessKey) { secret in
            guard let token = key.sessionToken else {
                return try unsafe secret.withUnsafeBytes { try unsafe isSame(name, $0, nil) }
            }
            return try source.document.withSecret(token) { token in
                try unsafe secret.withUnsafeBytes(and: token) { try unsafe isSame(name, $0, $1) }
            }
        }
    }

    /// Whether the secrets of two items are the same.
    func hasSameSecrets(as other: Self) -> Bool {
        func isSame(_ mine: Range<Int>, _ theirs: Range<Int>) -> Bool {
            source.document.withSecret(mine) { mine in
                other.source.document.withSecret(theirs) { mine.isSame(as: $0) }
            }
        }
        guard isSame(key.secretAccessKey, other.key.secretAccessKey) else { return false }
        switch (key.sessionToken, other.key.sessionToken) {
        case (nil, nil): return true
        case (let mine?, let theirs?): return isSame(mine, theirs)
        default: return false
        }
    }
}
