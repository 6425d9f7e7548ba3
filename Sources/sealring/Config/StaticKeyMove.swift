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
    /// - Returns: false when the file has no such profile, or another key in it, and nothing was removed.
    static func removeIfSealed(
        _ profile: String, as entry: String, from path: String, vault: borrowing Vault
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
        _ profile: String, as entry: String, in document: borrowing ConfigDocument, _ vault: borrowing Vault
    ) throws(AWSConfigError) -> Bool {
        guard let keys = try document.staticKeys(of: profile), let range = keys.secretAccessKey,
            let known = vault.contents.entry(named: entry),
            document.accessKeyID(of: keys) == known.accessKeyID
        else { return false }
        let secret = try document.secret(in: range)
        let isSame = try? unsafe vault.contents.withSecrets(of: entry) { sealed, _ in
            unsafe secret.withUnsafeBytes { unsafe Sodium.equal($0, sealed) }
        }
        return isSame ?? false
    }
}
