package import CredentialVault
package import ProgramSupport
package import SecureMemory

/// The vault key that a passphrase opened, and that passphrase.
package struct FoundKey: ~Copyable {
    fileprivate let key: SecretBytes
    fileprivate let passphrase: SecretBytes

    /// Tries the first line, then the text as a whole: two derivations at most. Nil when neither is right.
    static func search(
        _ sealed: borrowing SealedVault, _ text: borrowing PassphraseText,
        _ conversation: (any Conversation)?
    ) throws -> FoundKey? {
        let progress = conversation.map { Progress("deriving the key", $0) }
        defer { extendLifetime(progress) }
        if text.firstLine.count > 0, let found = try FoundKey(sealed, text.firstLine) { return found }
        switch text.whole {
        case .some(let whole): return try FoundKey(sealed, whole)
        case .none: return nil
        }
    }

    private init?(_ sealed: borrowing SealedVault, _ passphrase: borrowing SecretBytes) throws {
        guard let key = try sealed.vaultKey(passphrase: passphrase) else { return nil }
        let copy = try passphrase.copy(0..<passphrase.count)
        self.key = key
        self.passphrase = copy
    }

    /// Why there is none.
    ///
    /// - Parameter origin: what named a file or a command, which may hold another vault's passphrase.
    package static func none(
        _ location: VaultLocation, _ text: borrowing PassphraseText, from origin: String?
    ) -> Failure {
        let failure = Failure(VaultError(.wrongPassphrase, path: location.path))
        let tried = text.hasMoreLines ? " (tried the first line, then the whole text)" : ""
        return Failure(
            failure.code, failure.message + tried, hint: origin.map { "check \($0)" } ?? failure.hint)
    }
}

/// A vault that a passphrase opened, and that passphrase.
package struct OpenedVault: ~Copyable {
    package var vault: Vault
    package let passphrase: SecretBytes

    consuming func intoVault() -> Vault { vault }

    /// Opens the vault, and says what is unusual about it.
    package init(
        _ sealed: consuming SealedVault, _ found: consuming FoundKey, _ conversation: (any Conversation)?
    ) throws {
        let opened = try sealed.open(vaultKey: found.key)
        if opened.freshness != .current { conversation?.warn("the vault: \(opened.freshness.text)") }
        vault = opened
        passphrase = found.passphrase
    }
}
