package import SecureMemory

/// The changes of one command, in their order, with their secrets in locked memory.
package struct VaultChanges: ~Copyable {
    package enum Kind: UInt8, Sendable {
        /// Adds an entry; a taken name is an error.
        case add = 1
        /// Adds an entry, over one of the same name.
        case replace = 2
        /// Changes what is known of the named entry, its name included; its secrets stay.
        case edit = 3
        case remove = 4
        /// Adds a role; a taken name is an error.
        case addRole = 5
        /// Changes the named role.
        case editRole = 6
        /// As ``edit``, and seals the seed of one-time codes that stands in the place of the secret access
        /// key; an empty one takes it away.
        case seed = 7
        /// As ``edit``, and seals the secret of a rotation's other key, in the place of the secret access key.
        case otherKey = 8
        /// As ``edit``, and the two secrets of a rotation change places.
        case swap = 9

        /// Whether it comes with a role instead of an entry.
        package var isOfRole: Bool { self == .addRole || self == .editRole }
    }

    private struct Change {
        let kind: Kind
        let name: String
        let entry: Entry?
        let role: Role?
        let secretAccessKey: Range<Int>
        let sessionToken: Range<Int>
    }

    private var changes: [Change] = []
    private var secrets: SecretBuffer

    package init() throws(SecureMemoryError) {
        secrets = try SecretBuffer(capacity: 1024, limit: VaultFormat.fileLimit)
    }

    package var count: Int { changes.count }

    /// What the secrets take of the locked memory, in bytes.
    package var lockedCount: Int { secrets.lockedCount }

    /// - Parameters:
    ///   - name: the entry to edit or to remove.
    ///   - entry: the entry to add, or what the edited one becomes.
    ///   - secretAccessKey: empty where nothing is added.
    ///   - sessionToken: empty when there is none.
    package mutating func append(
        _ kind: Kind, name: String = "", entry: Entry? = nil, role: Role? = nil,
        secretAccessKey: RawSpan, sessionToken: RawSpan
    ) throws(VaultError) {
        // An overwritten entry may be removed and added, and every entry may be.
        guard changes.count < 2 * VaultFormat.recordLimit else { throw VaultError(.full, path: "") }
        let key = try keep(secretAccessKey)
        let token = try keep(sessionToken)
        changes.append(
            Change(
                kind: kind, name: name, entry: entry, role: role, secretAccessKey: key, sessionToken: token))
    }

    /// As the longer one, for a change without secrets.
    package mutating func append(
        _ kind: Kind, name: String, entry: Entry? = nil, role: Role? = nil
    ) throws(VaultError) {
        try append(
            kind, name: name, entry: entry, role: role, secretAccessKey: RawSpan(), sessionToken: RawSpan())
    }

    /// As the longer one, for a change with one secret.
    package mutating func append(
        _ kind: Kind, name: String, entry: Entry, secret: borrowing SecretBytes
    ) throws(VaultError) {
        try append(kind, name: name, entry: entry, secretAccessKey: secret.bytes, sessionToken: RawSpan())
    }

    /// Adds an entry whose name must be free.
    package mutating func add(
        _ entry: Entry, secretAccessKey: borrowing SecretBytes, sessionToken: borrowing SecretBytes?
    ) throws(VaultError) {
        let key = secretAccessKey.bytes
        switch sessionToken {
        case .some(let token):
            try append(.add, entry: entry, secretAccessKey: key, sessionToken: token.bytes)
        case .none: try append(.add, entry: entry, secretAccessKey: key, sessionToken: RawSpan())
        }
    }

    /// Calls `body` with each change: its kind, name, entry or role as a message has it, secret access key
    /// and session token.
    package func forEach(
        _ body: (Kind, String, [UInt8], RawSpan, RawSpan) throws -> Void
    ) throws {
        for change in changes {
            try body(
                change.kind, change.name, change.entry?.encoded() ?? change.role?.encoded() ?? [],
                secrets.bytes.extracting(change.secretAccessKey),
                secrets.bytes.extracting(change.sessionToken))
        }
    }

    /// Makes the changes, in their order.
    package func apply(to contents: inout VaultContents) throws {
        let references = contents.references
        for change in changes {
            switch change.kind {
            case .add, .replace: try add(change, to: &contents)
            case .edit, .seed, .otherKey, .swap: try edit(change, in: &contents)
            case .remove: try contents.remove(change.name)
            case .addRole: try contents.add(Self.require(change.role))
            case .editRole:
                let new = try Self.require(change.role)
                try contents.changeRole(change.name) { $0 = new.keepingVaultFields(of: $0) }
            }
        }
        try contents.requireReferences(since: references)
    }

    private static func require<Value>(_ value: Value?) throws(VaultError) -> Value {
        guard let value else { throw VaultError(.invalidValue("a change lacks its entry"), path: "") }
        return value
    }

    private func edit(_ change: Change, in contents: inout VaultContents) throws {
        let new = try Self.require(change.entry)
        guard let old = contents.entry(named: change.name) else {
            throw VaultError(.noSuchEntry(change.name), path: "")
        }
        let entry = new.keepingVaultFields(of: old)
        let secret = secrets.bytes.extracting(change.secretAccessKey)
        switch change.kind {
        case .seed: try contents.edit(change.name, entry, secrets: .seed(secret.isEmpty ? nil : secret))
        case .otherKey: try contents.edit(change.name, entry, secrets: .other(secret))
        case .swap: try contents.edit(change.name, entry, secrets: .swapped)
        default: if entry != old { try contents.edit(change.name, entry, secrets: .kept) }
        }
    }

    private func add(_ change: Change, to contents: inout VaultContents) throws {
        let entry = try Self.require(change.entry)
        let token = secrets.bytes.extracting(change.sessionToken)
        try contents.add(
            entry, secretAccessKey: secrets.bytes.extracting(change.secretAccessKey),
            sessionToken: token.isEmpty ? nil : token, replacing: change.kind == .replace)
    }

    private mutating func keep(_ bytes: RawSpan) throws(VaultError) -> Range<Int> {
        let start = secrets.count
        let isAppended: Bool
        do { isAppended = try secrets.append(bytes) } catch { throw VaultError(error, path: "") }
        guard isAppended else { throw VaultError(.full, path: "") }
        return start..<secrets.count
    }
}

extension Entry {
    /// What only the vault sets stays as it is in `old`.
    fileprivate func keepingVaultFields(of old: Entry) -> Entry {
        var entry = self
        entry.sealedAt = old.sealedAt
        entry.changedAt = old.changedAt
        entry.hasSessionToken = old.hasSessionToken
        entry.hasOneTimeCodeSeed = old.hasOneTimeCodeSeed
        return entry
    }
}

extension Role {
    fileprivate func keepingVaultFields(of old: Role) -> Role {
        var role = self
        role.sealedAt = old.sealedAt
        role.changedAt = old.changedAt
        return role
    }
}
