import CredentialVault

/// A vault that was found and checked, but not opened yet.
package struct VaultOpening: ~Copyable {
    private let client: Client
    private let unlocked: AgentVault?
    private let sealed: SealedVault?

    package init(_ client: Client) throws {
        let unlocked = try client.usesAgent ? AgentVault.unlocked(client.location, client.conversation) : nil
        let sealed: SealedVault? = try unlocked == nil ? SealedVault.read(client.location) : nil
        self.client = client
        self.unlocked = unlocked
        self.sealed = sealed
    }

    package consuming func finish() throws -> any VaultAccess {
        if let unlocked { return unlocked }
        guard let sealed = consume sealed else { preconditionFailure("one of the two is there") }
        return DirectVault(try client.unlock(sealed), client.conversation)
    }
}
