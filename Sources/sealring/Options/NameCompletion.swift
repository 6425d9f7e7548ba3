import ArgumentParser
import CredentialVault
import VaultClient

extension CompletionKind {
    /// The names of entries and roles, and of what else is asked for.
    static let names = CompletionKind.custom { _, _, _ in
        vaultNames { $0.sorted.map(\.name) + $0.roles.map(\.name) }
    }
    static let keyNames = CompletionKind.custom { _, _, _ in vaultNames { $0.sorted.map(\.name) } }
    static let roleNames = CompletionKind.custom { _, _, _ in vaultNames { $0.roles.map(\.name) } }
}

/// The names in a vault that is unlocked in the agent; none where it is not, and nothing is said then: a shell asks.
private func vaultNames(_ names: (EntryList) -> [String]) -> [String] {
    do {
        let client = try Client(
            vault: nil, passphraseFile: nil, passphraseCommand: nil, usesAgent: true, acceptsRollback: false,
            conversation: Silence())
        guard let vault = try AgentVault.unlocked(client.location, client.conversation) else { return [] }
        return try names(vault.entries())
    } catch { return [] }
}
