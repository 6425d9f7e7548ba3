package import CredentialVault
import ProgramSupport
import VaultCrypto

/// A vault that this process opened with the passphrase.
package final class DirectVault: VaultAccess {
    package let location: VaultLocation
    package let conversation: any Conversation
    private var vault: Vault

    package init(_ vault: consuming Vault, _ conversation: any Conversation) {
        self.conversation = conversation
        location = vault.location
        self.vault = vault
    }

    package var signersPath: String { get throws { try Paths.absolute(location.path) } }

    package func transport() throws -> any AgentTransport {
        let path = try Paths.absolute(location.path)
        return try vault.withVaultKey { try LocalAgent(location, path, key: $0) }
    }

    package func entries() -> EntryList { EntryList(vault.contents.entries, vault.contents.roles) }

    package func holds(
        _ name: String, _ key: UnsafeRawBufferPointer, _ token: UnsafeRawBufferPointer?
    ) throws -> Bool {
        try unsafe Self.holds(name, key, token, in: vault.contents)
    }

    package func update<Result>(
        acceptingRollback: Bool, isDryRun: Bool,
        _ plan: (EntryList, SecretComparison, inout VaultChanges) throws -> Result
    ) throws -> Result {
        let body = { (contents: inout VaultContents) throws -> Result in
            try unsafe Self.apply(plan, to: &contents)
        }
        if isDryRun { return try vault.tryOut(body) }
        let result = try vault.update(acceptingRollback: acceptingRollback, body)
        conversation.warn(unremembered: vault.unremembered)
        return result
    }

    private static func apply<Result>(
        _ plan: (EntryList, SecretComparison, inout VaultChanges) throws -> Result,
        to contents: inout VaultContents
    ) throws -> Result {
        var changes = try VaultChanges()
        let result = try unsafe plan(
            EntryList(contents.entries, contents.roles), { try unsafe holds($0, $1, $2, in: contents) },
            &changes)
        try changes.apply(to: &contents)
        return result
    }

    private static func holds(
        _ name: String, _ key: UnsafeRawBufferPointer, _ token: UnsafeRawBufferPointer?,
        in contents: borrowing VaultContents
    ) throws -> Bool {
        let sealed = try contents.secrets(of: name)
        return unsafe SecretPair.isSame(
            key.bytes, token?.bytes, as: sealed.secretAccessKey, token: sealed.sessionToken)
    }
}
