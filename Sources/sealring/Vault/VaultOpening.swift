import CredentialVault

/// A vault that was found and checked, but not opened yet.
struct VaultOpening: ~Copyable {
    private let global: GlobalOptions
    private let unlocked: AgentVault?
    private let sealed: SealedVault?

    init(_ global: GlobalOptions) throws {
        let location = try global.location()
        let unlocked = try global.noAgent ? nil : AgentVault.unlocked(location)
        let sealed: SealedVault? = try unlocked == nil ? SealedVault.read(location) : nil
        self.global = global
        self.unlocked = unlocked
        self.sealed = sealed
    }

    consuming func finish() throws -> any VaultAccess {
        if let unlocked { return unlocked }
        guard let sealed = consume sealed else { preconditionFailure("one of the two is there") }
        return DirectVault(try global.unlock(sealed))
    }
}
