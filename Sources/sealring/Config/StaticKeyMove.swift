import AWSConfigFile
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

    /// Removes the plaintext key of a profile when the vault holds the same one.
    ///
    /// - Returns: false when the vault's entry has another key, and nothing was removed.
    static func removeIfSealed(
        _ profile: String, as entry: String, from file: ConfigFile, vault: borrowing Vault
    ) throws -> Bool {
        let isSame = try holdsSame(profile, as: entry, in: file.read(), vault)
        if isSame { try remove(profile, from: file) }
        return isSame
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

    private static func holdsSame(
        _ profile: String, as entry: String, in document: borrowing ConfigDocument, _ vault: borrowing Vault
    ) throws -> Bool {
        guard let keys = try document.staticKeys(of: profile), let range = keys.secretAccessKey,
            let known = vault.contents.entry(named: entry),
            document.accessKeyID(of: keys) == known.accessKeyID
        else { return false }
        let secret = try document.secret(in: range)
        return try unsafe vault.contents.withSecrets(of: entry) { sealed, _ in
            unsafe secret.withUnsafeBytes { unsafe Sodium.equal($0, sealed) }
        }
    }
}
