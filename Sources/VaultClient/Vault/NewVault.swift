import CredentialVault
import ProgramSupport

/// Makes a vault where there is none.
package enum NewVault {
    package static func create(
        _ client: Client, recovery: RecoveryCodeChoice, derivation: DerivationChoice
    ) throws {
        let (location, conversation) = (client.location, client.conversation)
        try derivation.check()
        try recovery.requireWayOut(conversation)
        if (try? SealedVault.read(location)) != nil {
            throw VaultError(.exists, path: location.path)
        }
        let cost = try DerivationChoice.namingThem { try derivation.cost(conversation) }
        let passphrase = try client.passphraseSource.readNew(prompt: "New passphrase: ", conversation)
        let issued = try recovery.issue(conversation)
        do {
            let progress = Progress("deriving the key", conversation)
            let vault = try Vault.create(
                at: location, passphrase: passphrase, cost: cost, recoveryCode: issued.code)
            progress.end()
            conversation.warn(unremembered: vault.unremembered)
        } catch {
            issued.settle(after: error)
            throw DerivationChoice.namingThem(error)
        }
        try issued.show()
        conversation.note("created \(location.path.printable)")
    }
}
