import AgentProtocol
package import CredentialVault
import ProgramSupport
import SecureMemory

/// When the agent locks by itself.
package struct AgentLimits {
    /// Seconds without a request.
    package let idle: UInt32
    /// Seconds in all.
    package let total: UInt32
    package let allowsUnlockedMemory: Bool

    package init(idle: UInt32, total: UInt32, allowsUnlockedMemory: Bool) {
        self.idle = idle
        self.total = total
        self.allowsUnlockedMemory = allowsUnlockedMemory
    }
}

extension AgentClient {
    /// Hands the vault key over; the agent opens the vault with it before it answers.
    package func unlock(_ location: VaultLocation, _ vault: borrowing Vault, _ limits: AgentLimits) throws {
        // The agent knows the vault by the path that it was started with.
        let named = try Paths.absolute(location.path)
        let served = try status().vault
        let path = Paths.isSameVault(served, named) ? served : named
        try vault.withVaultKey { key in
            _ = try ask(
                UnlockRequest(
                    path: path, key: key.bytes, idle: limits.idle, total: limits.total,
                    allowsUnlockedMemory: limits.allowsUnlockedMemory))
        }
        Refusals.noteUnlock()
    }
}
