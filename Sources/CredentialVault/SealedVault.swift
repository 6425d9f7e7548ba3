import DurableFiles
public import SecureMemory
import VaultCrypto

/// A vault file that was read and checked as far as that goes without a key.
public struct SealedVault: ~Copyable {
    /// Where the file was read.
    public let location: VaultLocation
    /// The file's permissions before they were narrowed to 0600, or nil when nothing had to be done.
    public let narrowedPermissions: UInt32?

    let header: VaultHeader
    private var image: SecretBytes

    /// Reads the file and checks its kind, owner, size, header and digest. Nothing is derived.
    public static func read(_ location: VaultLocation) throws(VaultError) -> SealedVault {
        try SealedVault(location, checkingDigest: true)
    }

    /// - Parameter narrowing: whether permissions that are too open are narrowed.
    init(
        _ location: VaultLocation, checkingDigest: Bool, narrowing: Bool = true
    ) throws(VaultError) {
        do {
            let file = try FileHandle.open(location.path)
            try Self.requireUsable(file, location.path)
            let narrowed = try narrowing ? Self.checkFile(file, location.path) : nil
            let size = try file.status().size
            guard size <= VaultFormat.fileLimit else {
                throw ContentError.damaged("it has more than 4 MiB")
            }
            guard size >= VaultFormat.headerCount + VaultFormat.digestCount else {
                throw ContentError.damaged("it is cut off")
            }
            let header = try Self.readHeader(file)
            guard size == VaultFormat.headerCount + header.bodyCount + VaultFormat.digestCount else {
                throw ContentError.damaged("its size does not match its header")
            }
            var image = try SecretBytes(count: size)
            image.overwrite(at: 0, with: header.bytes.rawSpan)
            let rest = VaultFormat.headerCount..<size
            guard try file.read(into: image.mutableBytes.part(rest)) == rest.count else {
                throw ContentError.damaged("it was cut off while it was read")
            }
            if checkingDigest { try Self.checkDigest(of: image) }
            self.location = location
            narrowedPermissions = narrowed
            self.header = header
            self.image = image
        } catch FileError.missing {
            throw VaultError(.missing, path: location.path)
        } catch {
            throw VaultError(error, path: location.path)
        }
    }

    /// How often the vault has been saved, as the header says without proof.
    public var generation: UInt64 { header.generation }

    /// How the file stands to the one that this machine saw last, as the header says without proof.
    public var apparentFreshness: Freshness {
        let store = FreshnessStore(stateDirectory: location.stateDirectory, vaultID: header.vaultID)
        return FreshnessStore.compareUnproven(header, with: store.recall())
    }

    /// What can open the vault, as the header says without proof.
    public var unlockMethods: UnlockMethods { header.unlockMethods }

    /// Derives the key from the passphrase and opens the vault.
    ///
    /// Takes as long and as much memory as the slot asks for, within 2 GiB and 16 passes; derivations of one
    /// user take turns and wait 55 s at most.
    public consuming func unlock(passphrase: borrowing SecretBytes) throws(VaultError) -> Vault {
        guard let key = try vaultKey(passphrase: passphrase) else {
            throw VaultError(.wrongPassphrase, path: location.path)
        }
        return try open(vaultKey: key)
    }

    /// The vault key that the passphrase opens, at the cost of ``unlock(passphrase:)``; nil when it is wrong.
    package func vaultKey(passphrase: borrowing SecretBytes) throws(VaultError) -> SecretBytes? {
        let path = location.path
        guard (1...1024).contains(passphrase.count) else { throw VaultError(.passphraseLength, path: path) }
        guard unlockMethods.contains(.passphrase) else { throw VaultError(.noSuchSlot, path: path) }
        do {
            let slots = header.slots.filter { $0.type == KeySlot.passphrase }
            for slot in slots {
                let derived = try DerivationGate(location).run(slot.cost) { () throws(CryptoError) in
                    try PasswordHash.derive(passphrase: passphrase, salt: slot.salt, cost: slot.cost)
                }
                if let key = try slot.unwrap(with: derived, header: header) { return key }
            }
        } catch { throw VaultError(error, path: path) }
        return nil
    }

    /// Opens the vault with a key of ``vaultKey(passphrase:)``.
    package consuming func open(vaultKey: consuming SecretBytes) throws(VaultError) -> Vault {
        let path = location.path
        do { return try open(vaultKey) } catch { throw VaultError(error, path: path) }
    }

    /// Opens the vault with the recovery code.
    public consuming func unlock(recoveryCode: borrowing RecoveryCode) throws(VaultError) -> Vault {
        let path = location.path
        guard unlockMethods.contains(.recoveryCode) else { throw VaultError(.noSuchSlot, path: path) }
        do {
            for slot in header.slots where slot.type == KeySlot.recoveryCode {
                let derived = try slot.derive(recoveryCode)
                guard let key = try slot.unwrap(with: derived, header: header) else { continue }
                return try open(key)
            }
        } catch { throw VaultError(error, path: path) }
        throw VaultError(.wrongRecoveryCode, path: path)
    }

    /// Opens the vault with the vault key itself, and compares it with what this machine remembers.
    ///
    /// Deriving the key takes long enough for another process to save the vault: a file that seems to be
    /// of before what is remembered is read once more, unless `isRead` says that it just was.
    consuming func open(_ key: consuming SecretBytes, isRead: Bool = false) throws -> Vault {
        let keys = try VaultKeys(key)
        let (location, header) = (self.location, self.header)
        let contents = try Self.decrypt(image, header: header, keys: keys)
        let store = FreshnessStore(stateDirectory: location.stateDirectory, vaultID: header.vaultID)
        let recollection = store.recall()
        let freshness = Result { () throws(ContentError) in
            try FreshnessStore.compare(
                header, keyID: keys.keyID, ancestors: contents.ancestors, with: recollection)
        }
        if case .success(.current) = freshness {
            // Another process may have seen a newer file since. Where it cannot be remembered, reading goes on.
            if recollection.memory?.mac != header.mac {
                try? store.write(keys.memory(of: header)) { $0 == recollection }
            }
        } else if !isRead, let newer = try? SealedVault(location, checkingDigest: false),
            newer.header.vaultID == header.vaultID, newer.header.mac != header.mac
        {
            guard keys.authenticates(newer.header) else {
                throw VaultError(.rekeyedMeanwhile, path: location.path)
            }
            return try newer.open(keys.vaultKey.copy(0..<keys.vaultKey.count), isRead: true)
        }
        return Vault(
            location: location, header: header, keys: keys, contents: contents,
            freshness: try freshness.get())
    }

    /// Checks the MAC, opens the body where it stands and reads it.
    static func decrypt(
        _ image: consuming SecretBytes, header: VaultHeader, keys: borrowing VaultKeys
    ) throws -> VaultContents {
        guard keys.authenticates(header) else { throw ContentError.damaged("its header is not authentic") }
        let bodyKey = try keys.bodyKey(for: header)
        let body = VaultFormat.headerCount..<(VaultFormat.headerCount + header.bodyCount)
        try SecretBox.open(image.mutableBytes.part(body), nonce: header.bodyNonce.rawSpan, key: bodyKey)
        return try VaultContents(
            image: image, range: (body.lowerBound + SecretBox.tagCount)..<body.upperBound)
    }

    static func checkDigest(of image: borrowing SecretBytes) throws(ContentError) {
        let end = image.count - VaultFormat.digestCount
        let digest = KeyedHash.digest(image.bytes.extracting(first: end))
        guard image.bytes.extracting(droppingFirst: end).isSame(as: digest.rawSpan) else {
            throw .damaged("its checksum is wrong")
        }
    }

    /// The header of the file as it is now, for a writer that holds the rest in memory.
    static func readHeader(_ location: VaultLocation) throws -> VaultHeader {
        do {
            let file = try FileHandle.open(location.path)
            _ = try checkFile(file, location.path)
            return try readHeader(file)
        } catch FileError.missing {
            throw VaultError(.missing, path: location.path)
        }
    }

    private static func readHeader(_ file: borrowing FileHandle) throws -> VaultHeader {
        var bytes = [UInt8](repeating: 0, count: VaultFormat.headerCount)
        let got = try file.read(into: bytes.mutableRawSpan)
        guard got == bytes.count else { throw ContentError.damaged("it is cut off") }
        return try VaultHeader(parsing: bytes)
    }

    /// The body with its tag, as it is on the disk.
    var body: [UInt8] {
        let range = VaultFormat.headerCount..<(VaultFormat.headerCount + header.bodyCount)
        return [UInt8](image.bytes.extracting(range))
    }

    /// Refuses what is no file of ours.
    static func requireUsable(_ file: borrowing FileHandle, _ path: String) throws(FileError) {
        let status = try file.status()
        try status.requireRegular(path)
        try status.requireOwn(path)
        try status.requireNotWritableByOthers(path)
    }

    /// - Returns: the permissions that had to be narrowed.
    private static func checkFile(
        _ file: borrowing FileHandle, _ path: String
    ) throws(FileError) -> UInt32? {
        try requireUsable(file, path)
        let status = try file.status()
        guard status.permissions & 0o077 != 0 else { return nil }
        try file.setPermissions(0o600)
        return status.permissions
    }
}
