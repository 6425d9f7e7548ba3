import AWSConfigFile
import CredentialImport
import CredentialVault
import DurableFiles
import SecureMemory
import VaultCrypto

/// Plaintext keys under a profile's name in `~/.aws/credentials`, which AWS clients take instead of ours.
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
        _ profile: String, in file: ConfigFile, into vault: inout Vault, isAgreed: Bool,
        acceptingRollback: Bool
    ) throws {
        let path = file.path.printable
        do {
            guard try isNeeded(profile, in: file) else { return }
            Console.warn(
                "\(path) has a plaintext key under '\(profile.printable)', which AWS clients take instead")
            guard isAgreed || Terminal() != nil else {
                Console.hint("move it into the vault with 'sealring import \(path) --delete-source'")
                return
            }
            guard try isAgreed || Confirmation.ask("Move it into the vault?") else { return }
            let name = try seal(profile, file.read(), into: &vault, acceptingRollback: acceptingRollback)
            try remove(profile, from: file)
            Console.note("moved the plaintext key of '\(profile.printable)' into the vault as \(name)")
        } catch let error as AWSConfigError {
            throw Failure(error, path: file.path)
        }
    }

    /// - Returns: the name of the entry that holds the key.
    private static func seal(
        _ profile: String, _ document: borrowing ConfigDocument, into vault: inout Vault,
        acceptingRollback: Bool
    ) throws -> String {
        guard let keys = try document.staticKeys(of: profile), let range = keys.secretAccessKey,
            let id = document.accessKeyID(of: keys), let kind = AccessKeyID.classify(id)
        else {
            throw Failure(
                .malformed, "the plaintext key of '\(profile.printable)' is not whole",
                hint: "mend or remove its lines")
        }
        let secret = try document.secret(in: range)
        if let known = vault.contents.entries.first(where: { $0.accessKeyID == id }),
            try holds(secret, as: known.name, in: vault)
        {
            return known.name
        }
        var entry = Entry(name: freeName(for: profile, in: vault), accessKeyID: id)
        entry.accountID = kind == .unusual ? nil : AccessKeyID.accountID(of: id)
        entry.source = "ini: credentials"
        let token = try token(keys, document)
        let new = entry
        try vault.update(acceptingRollback: acceptingRollback) { contents in
            try contents.add(new, secretAccessKey: secret, sessionToken: token)
        }
        return entry.name
    }

    private static func token(
        _ keys: StaticKeys, _ document: borrowing ConfigDocument
    ) throws -> SecretBytes? {
        guard let range = keys.sessionToken else { return nil }
        return try document.secret(in: range)
    }

    private static func freeName(for profile: String, in vault: borrowing Vault) -> String {
        let base = String(cleanedName(profile).prefix(100)) + "-credentials"
        guard vault.contents.entry(named: base) != nil else { return base }
        let numbered = (2...4097).lazy.map { "\(base)-\($0)" }
        for name in numbered where vault.contents.entry(named: name) == nil { return name }
        return base
    }

    static func remove(_ profile: String, from file: ConfigFile) throws {
        do {
            _ = try file.update { (document, _) throws(AWSConfigError) in
                try document.removeStaticKeys(of: profile)
            }
        } catch { throw Failure(error, path: file.path) }
    }

    /// A profile is named `[profile NAME]` in a config file, and `[NAME]` in a credentials file.
    static func kind(of path: String) -> ConfigKind {
        path == (try? Paths.awsConfig()) || path.hasSuffix("/config") ? .config : .credentials
    }

    private static func holds(
        _ secret: borrowing SecretBytes, as entry: String, in vault: borrowing Vault
    ) throws -> Bool {
        try unsafe vault.contents.withSecrets(of: entry) { sealed, _ in
            unsafe secret.withUnsafeBytes { unsafe Sodium.equal($0, sealed) }
        }
    }
}
