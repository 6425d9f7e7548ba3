import AWSConfigFile
import AWSConfigGrammar
import AWSValues
import CredentialImport
import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory
import VaultCrypto

/// Plaintext keys under a profile's name in `~/.aws`, which most AWS clients take instead of ours.
enum StaticKeyMove {
    /// Whether the profile has plaintext keys, which silently win over `credential_process`.
    static func isNeeded(_ profile: String, in file: ConfigFile) throws -> Bool {
        do {
            return try file.read().staticKeys(of: profile) != nil
        } catch AWSConfigError.file(.missing) {
            return false
        }
    }

    /// Warns of plaintext keys that win over the profile, and offers to move them into the vault: sealed
    /// first, under a name of their own unless the vault has them already, and only then removed.
    ///
    /// - Parameter isAgreed: whether the person has agreed on the command line; else the terminal is asked.
    static func offer(
        _ profile: String, in file: ConfigFile, into vault: any VaultAccess, isAgreed: Bool,
        acceptingRollback: Bool
    ) throws {
        let path = file.path.printable
        guard try isNeeded(profile, in: file) else { return }
        Console.warn(
            "\(path) has a plaintext key under '\(profile.printable)', which most SDKs use instead of the vault"
        )
        guard isAgreed || Terminal() != nil else {
            Console.hint("move it into the vault with 'sealring import \(path) --delete-source'")
            return
        }
        let known = try known(profile, file.read(), in: vault)
        let question =
            known.map { "The vault holds this key as '\($0)'. Remove it from \(path)?" }
            ?? "Move it into the vault?"
        guard try isAgreed || Confirmation.ask(question) else { return }
        let name = try seal(
            profile, file.read(), into: vault, acceptingRollback: acceptingRollback,
            as: freeName(for: "\(String(cleanedName(profile).prefix(100)))-credentials", in: vault.entries()))
        guard try removeIfSealed(profile, as: name, from: file.path, vault: vault) else {
            throw Failure(.busy, "\(path) changed meanwhile, and was left as it is", hint: "try again")
        }
        Console.note(
            known == nil
                ? "moved the plaintext key of '\(profile.printable)' into the vault as \(name)"
                : "removed the plaintext key of '\(profile.printable)' from \(path): the vault has it as \(name)"
        )
    }

    /// The entry that holds the same key already, or nil.
    ///
    /// - Throws: when the profile has no whole key.
    static func known(
        _ profile: String, _ document: borrowing ConfigDocument, in vault: any VaultAccess
    ) throws -> String? {
        let id = try whole(profile, document).id
        guard let known = try vault.entries().sorted.first(where: { $0.accessKeyID == id }),
            try holdsSame(profile, as: known.name, in: document, vault)
        else { return nil }
        return known.name
    }

    private static func whole(
        _ profile: String, _ document: borrowing ConfigDocument
    ) throws -> (keys: StaticKeys, secret: Range<Int>, id: String, kind: AccessKeyID.Kind) {
        guard let keys = try document.staticKeys(of: profile), let range = keys.secretAccessKey,
            let id = document.accessKeyID(of: keys), let kind = AccessKeyID.classify(id)
        else {
            throw Failure(
                .malformed, "the plaintext key of '\(profile.printable)' is not whole",
                hint: "complete or remove its lines")
        }
        return (keys, range, id, kind)
    }

    /// - Parameter name: what a new entry is called.
    /// - Returns: the name of the entry that holds the key.
    static func seal(
        _ profile: String, _ document: borrowing ConfigDocument, into vault: any VaultAccess,
        acceptingRollback: Bool, as name: String
    ) throws -> String {
        let beside = BesideKey.read(profile)
        if let known = try known(profile, document, in: vault) {
            beside.tell(of: try vault.entry(named: known))
            return known
        }
        let (keys, range, id, kind) = try whole(profile, document)
        let secret = try document.secret(in: range)
        var entry = Entry(name: name, accessKeyID: id)
        entry.accountID = kind == .unusual ? nil : AccessKeyID.accountID(of: id)
        entry.source = "ini: credentials"
        beside.apply(to: &entry, isTemporary: keys.sessionToken != nil)
        let token = try token(keys, document)
        let new = entry
        try vault.update(acceptingRollback: acceptingRollback) { _, changes in
            try changes.add(new, secretAccessKey: secret, sessionToken: token)
        }
        beside.tell(of: new)
        return entry.name
    }

    private static func token(
        _ keys: StaticKeys, _ document: borrowing ConfigDocument
    ) throws -> SecretBytes? {
        guard let range = keys.sessionToken else { return nil }
        return try document.secret(in: range)
    }

    static func freeName(for base: String, in entries: EntryList) -> String {
        guard entries.isTaken(base) else { return base }
        let numbered = (2...4097).lazy.map { "\(base)-\($0)" }
        for name in numbered where !entries.isTaken(name) { return name }
        return base
    }

    /// - Returns: false when the file has no such profile, or another key in it, and nothing was removed.
    static func removeIfSealed(
        _ profile: String, as entry: String, from path: String, vault: any VaultAccess
    ) throws -> Bool {
        // A profile is named `[profile NAME]` in a config file and `[NAME]` in a credentials file, and a copy
        // of either may have any name.
        for kind in [ConfigKind.credentials, .config] {
            do {
                let outcome = try ConfigFile(path: path, kind: kind).update {
                    (document, _) throws(AWSConfigError) in
                    guard try holdsSame(profile, as: entry, in: document, vault) else { return nil }
                    return try document.removeStaticKeys(of: profile)
                }
                if outcome.isChanged { return true }
            } catch { throw Failure(error, path: path) }
        }
        return false
    }

    private static func holdsSame(
        _ profile: String, as entry: String, in document: borrowing ConfigDocument, _ vault: any VaultAccess
    ) throws(AWSConfigError) -> Bool {
        guard let keys = try document.staticKeys(of: profile), let range = keys.secretAccessKey,
            let known = try? vault.entries()[entry],
            document.accessKeyID(of: keys) == known.accessKeyID
        else { return false }
        let secret = try document.secret(in: range)
        let token: SecretBytes? =
            switch keys.sessionToken {
            case .some(let range): try document.secret(in: range)
            case .none: nil
            }
        let isSame = try? unsafe secret.withUnsafeBytes { secret in
            switch token {
            case .some(let token):
                try unsafe token.withUnsafeBytes { try unsafe vault.holds(entry, secret, $0) }
            case .none: try unsafe vault.holds(entry, secret, nil)
            }
        }
        return isSame ?? false
    }
}
