package import DurableFiles
public import SecureMemory
import VaultCrypto

/// An open vault: its contents, and the key to save it.
public struct Vault: ~Copyable {
    /// Where the vault lies.
    public let location: VaultLocation
    /// How the file stands to the one that this machine saw last. Anything but `current` refuses a save.
    public private(set) var freshness: Freshness
    /// What the vault holds.
    public private(set) var contents: VaultContents

    /// What kept this machine from remembering the last save, so that it would not notice an older copy; nil
    /// when it remembers.
    package private(set) var unremembered: FileError?

    private(set) var header: VaultHeader
    private var keys: VaultKeys

    init(
        location: VaultLocation, header: VaultHeader, keys: consuming VaultKeys,
        contents: consuming VaultContents, freshness: Freshness
    ) {
        self.location = location
        self.header = header
        self.keys = keys
        self.contents = contents
        self.freshness = freshness
    }

    /// How often the vault has been saved.
    public var generation: UInt64 { header.generation }

    /// What names the vault over all its states.
    public var vaultID: [UInt8] { header.vaultID }

    /// The Argon2id cost of the passphrase's slot: memory in KiB, and passes.
    public var derivationCost: DerivationCost? {
        header.slots.first { $0.type == KeySlot.passphrase }.map { DerivationCost($0.cost) }
    }

    /// Calls `body` with the vault key, for the agent.
    package func withVaultKey<Result: ~Copyable, Failure: Error>(
        _ body: (borrowing SecretBytes) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(keys.vaultKey)
    }

    /// What can open the vault.
    public var unlockMethods: UnlockMethods { header.unlockMethods }

    /// Makes a new vault with one passphrase and, when given, a recovery code, and saves it.
    ///
    /// - Throws: ``VaultError/Reason/exists`` when anything is at the path.
    public static func create(
        at location: VaultLocation, passphrase: borrowing SecretBytes, cost: DerivationCost,
        recoveryCode: borrowing RecoveryCode? = nil
    ) throws(VaultError) -> Vault {
        do {
            try Directory.make(location.directory)
            let lock = try VaultLock(location)
            defer { extendLifetime(lock) }
            guard try lock.directory.status(of: location.name) == nil else {
                throw VaultError(.exists, path: location.path)
            }
            let keys = try VaultKeys.random()
            var header = VaultHeader()
            try Rekey.wrap(
                keys.vaultKey, into: &header, passphrase: passphrase, cost: cost, recoveryCode: recoveryCode,
                location: location)
            var vault = Vault(
                location: location, header: header, keys: keys, contents: try VaultContents(),
                freshness: .current)
            try vault.save(in: lock.directory, previous: .kept)
            return vault
        } catch { throw VaultError(error, path: location.path) }
    }

    /// Changes the contents and saves the vault, as one step for all other writers.
    ///
    /// `body` runs under the lock on the newest contents, which may be newer than those that were opened. When
    /// it throws, nothing has changed, in memory or on disk.
    ///
    /// - Parameters:
    ///   - acceptingRollback: whether to write even if the file is older than, or has diverged from, the last one seen.
    ///   - body: changes the contents.
    public mutating func update<Result>(
        acceptingRollback: Bool = false, _ body: (inout VaultContents) throws -> Result
    ) throws -> Result {
        do {
            let lock = try hold(acceptingRollback: acceptingRollback)
            defer { extendLifetime(lock) }
            let before = contents.snapshot
            do {
                let references = contents.references
                let result = try body(&contents)
                try contents.requireReferences(since: references)
                let drops = try contents.dropsSecrets(since: before)
                try save(in: lock.directory, previous: drops ? .removed : .kept)
                return result
            } catch {
                contents.restore(before)
                throw error
            }
        } catch { throw Self.located(error, location) }
    }

    /// Replaces the vault key, the passphrase and the recovery code: what opened the vault before opens
    /// nothing that is saved from now on.
    ///
    /// - Parameters:
    ///   - passphrase: the new passphrase.
    ///   - cost: the cost of deriving the key from it.
    ///   - recoveryCode: a code that was typed in or is new; nil leaves the vault without one.
    ///   - acceptingRollback: whether to write even if the file is older than, or has diverged from, the last one seen.
    public mutating func rekey(
        passphrase: borrowing SecretBytes, cost: DerivationCost, recoveryCode: borrowing RecoveryCode?,
        acceptingRollback: Bool = false
    ) throws(VaultError) {
        do {
            let lock = try hold(acceptingRollback: acceptingRollback)
            defer { extendLifetime(lock) }
            try Rekey.requireKnownSlots(header)
            let old = header
            let newKeys = try VaultKeys.random()
            do {
                try header.countRekey()
                try Rekey.wrap(
                    newKeys.vaultKey, into: &header, passphrase: passphrase, cost: cost,
                    recoveryCode: recoveryCode, location: location)
                let next = try VaultStore.save(
                    &contents, header: header, previousMAC: old.mac, keys: newKeys, location: location,
                    in: lock.directory, previous: .removed)
                (header, unremembered) = next
                keys = newKeys
                freshness = .current
                // The sessions were sealed under the key that was just revoked.
                SealedStateFile.sessions(of: header.vaultID, location).remove()
            } catch {
                header = old
                throw error
            }
        } catch { throw VaultError(error, path: location.path) }
    }

    /// Adds a recovery code to a vault that has none; nothing is revoked by that.
    public mutating func addRecoveryCode(
        _ code: borrowing RecoveryCode, acceptingRollback: Bool = false
    ) throws(VaultError) {
        do {
            let lock = try hold(acceptingRollback: acceptingRollback)
            defer { extendLifetime(lock) }
            guard !unlockMethods.contains(.recoveryCode), let free = header.slots.firstIndex(where: \.isEmpty)
            else {
                throw VaultError(.foreignSlots, path: location.path)
            }
            let old = header
            header.setSlot(
                free,
                try KeySlot.wrap(
                    keys.vaultKey, recoveryCode: code, header: header, time: VaultStore.now()))
            do { try save(in: lock.directory, previous: .kept) } catch {
                header = old
                throw error
            }
        } catch { throw VaultError(error, path: location.path) }
    }

    /// Errors of the vault get its path; those of a caller's closure stay what they are.
    private static func located(_ error: any Error, _ location: VaultLocation) -> any Error {
        switch error {
        case is FileError, is ContentError, is CryptoError, is SecureMemoryError, is VaultError:
            VaultError(error, path: location.path)
        default: error
        }
    }

    /// Keeps other writers away, and makes sure that nothing newer than this is overwritten.
    private mutating func hold(acceptingRollback: Bool) throws -> VaultLock {
        let lock = try VaultLock(location)
        try refresh()
        guard freshness == .current || acceptingRollback else {
            throw VaultError(.notSuccessor(freshness), path: location.path)
        }
        return lock
    }

    /// Reads the file again when somebody else saved it meanwhile. The caller holds the lock.
    private mutating func refresh() throws {
        // A second image beside this one would take as much of the locked memory again.
        guard try SealedVault.readHeader(location).mac != header.mac else { return }
        let sealed = try SealedVault(location, checkingDigest: false)
        guard sealed.header.vaultID == header.vaultID, keys.authenticates(sealed.header) else {
            throw VaultError(.rekeyedMeanwhile, path: location.path)
        }
        let newer = try sealed.open(keys.vaultKey.copy(0..<keys.vaultKey.count), isRead: true)
        self = newer
    }

    private mutating func save(in directory: borrowing Directory, previous: VaultStore.Previous) throws {
        let mac = header.generation == 0 ? nil : header.mac
        (header, unremembered) = try VaultStore.save(
            &contents, header: header, previousMAC: mac, keys: keys, location: location, in: directory,
            previous: previous)
        freshness = .current
    }
}

extension Vault {
    /// Runs a change on the contents that were opened and takes it back: what ``update(acceptingRollback:_:)``
    /// would do, as long as nobody else saves meanwhile.
    package mutating func tryOut<Result>(_ body: (inout VaultContents) throws -> Result) throws -> Result {
        let before = contents.snapshot
        defer { contents.restore(before) }
        do { return try body(&contents) } catch { throw Self.located(error, location) }
    }
}
