import AgentProtocol
import CredentialVault
import ProgramSupport
import SecureMemory

/// Replaces the vault key, and with it passphrase or recovery code.
package struct PassphraseChange {
    let client: Client

    private var conversation: any Conversation { client.conversation }

    package init(_ client: Client) { self.client = client }

    /// Sets a new passphrase.
    ///
    /// - Parameters:
    ///   - passphraseFile: where the new one is; nil to ask for it.
    ///   - keptCodeFile: where the recovery code is that shall stay, `-` to ask for it; nil to renew it.
    package func change(
        passphraseFile: String?, keptCodeFile: String?, recovery: RecoveryCodeChoice,
        derivation: DerivationChoice
    ) throws {
        try derivation.check()
        let sealed = try SealedVault.read(client.location)
        let hadCode = sealed.unlockMethods.contains(.recoveryCode)
        let wantsCode = hadCode || recovery.file != nil
        if wantsCode, keptCodeFile == nil { try recovery.requireWayOut(conversation) }
        // What comes from files is read before anything is asked.
        var given = try newPassphrase(in: passphraseFile)
        var givenCode = try code(in: keptCodeFile)
        var vault = try client.unlock(sealed)
        let cost = try derivation.cost(of: vault, conversation)
        let passphrase = try given.take() ?? askNewPassphrase()
        if keptCodeFile != nil {
            let code: RecoveryCode? = try currentCode(givenCode.take(), of: vault)
            try rekey(&vault, to: passphrase, cost: cost, code: code)
            conversation.note("passphrase changed; the recovery code still works")
        } else if wantsCode {
            let issued = try recovery.issue(conversation)
            do { try rekey(&vault, to: passphrase, cost: cost, code: issued.code) } catch {
                issued.settle(after: error)
                throw error
            }
            conversation.note("passphrase changed\(hadCode ? "; \(Self.oldCodes)" : "")")
            try issued.show()
        } else {
            try rekey(&vault, to: passphrase, cost: cost, code: nil)
            conversation.note("passphrase changed; the vault has no recovery code")
        }
        reportOldCopies()
    }

    /// Sets a new passphrase with the recovery code, which stays.
    package func recover(
        passphraseFile: String?, codeFile: String?, derivation: DerivationChoice
    ) throws {
        try derivation.check()
        let sealed = try SealedVault.read(client.location)
        guard sealed.unlockMethods.contains(.recoveryCode) else { throw Self.noCode }
        var given = try newPassphrase(in: passphraseFile)
        let code = try RecoveryCodeInput.code(file: codeFile ?? "-", conversation)
        var vault = try sealed.unlock(recoveryCode: code)
        let kept: RecoveryCode? = code
        let passphrase = try given.take() ?? askNewPassphrase()
        let cost = try derivation.cost(of: vault, conversation)
        try rekey(&vault, to: passphrase, cost: cost, code: kept)
        conversation.note("passphrase changed; the recovery code still works")
        reportOldCopies()
    }

    /// Issues a new recovery code.
    package func issueCode(_ recovery: RecoveryCodeChoice) throws {
        try recovery.requireWayOut(conversation)
        let sealed = try SealedVault.read(client.location)
        var opened = try client.unlockKeepingPassphrase(sealed)
        let isReplaced = opened.vault.unlockMethods.contains(.recoveryCode)
        let issued = try recovery.issue(conversation)
        do {
            if isReplaced {
                try rekey(
                    &opened.vault, to: opened.passphrase, cost: currentCost(of: opened.vault),
                    code: issued.code)
            } else {
                try issued.add(to: &opened.vault, acceptingRollback: client.acceptsRollback)
            }
        } catch {
            issued.settle(after: error)
            throw error
        }
        if isReplaced { conversation.note(Self.oldCodes) }
        try issued.show()
        if isReplaced { reportOldCopies() }
    }

    /// Drops the recovery code.
    package func dropCode() throws {
        let sealed = try SealedVault.read(client.location)
        guard sealed.unlockMethods.contains(.recoveryCode) else { throw Self.noCode }
        var opened = try client.unlockKeepingPassphrase(sealed)
        try rekey(
            &opened.vault, to: opened.passphrase, cost: currentCost(of: opened.vault), code: nil)
        conversation.note("recovery code removed; it no longer opens the vault")
        reportOldCopies()
    }

    private static let oldCodes = "recovery codes issued earlier no longer work"
    private static let noCode = Failure(.missing, "the vault has no recovery code")

    private func currentCost(of vault: borrowing Vault) throws -> DerivationCost {
        try DerivationChoice(memory: nil, passes: nil).cost(of: vault, conversation)
    }

    private func newPassphrase(in file: String?) throws -> SecretBytes? {
        guard let file else { return nil }
        return try PassphraseSource.file(file).readNew(prompt: "", conversation)
    }

    private func askNewPassphrase() throws -> SecretBytes {
        try PassphraseSource.terminal.readNew(prompt: "New passphrase: ", conversation)
    }

    /// The code in a file; nil where it is asked for, or not wanted.
    private func code(in file: String?) throws -> RecoveryCode? {
        guard let file, file != "-" else { return nil }
        return try RecoveryCodeInput.code(file: file, conversation)
    }

    /// The code that is kept, which must be the vault's: one that was revoked must not come back.
    ///
    /// - Parameter given: as it was read from a file; nil to ask for it.
    private func currentCode(_ given: consuming RecoveryCode?, of vault: borrowing Vault) throws
        -> RecoveryCode
    {
        let code = try given ?? RecoveryCodeInput.code(file: "-", conversation)
        _ = try SealedVault.read(vault.location).unlock(recoveryCode: code)
        return code
    }

    private func rekey(
        _ vault: inout Vault, to passphrase: borrowing SecretBytes, cost: DerivationCost,
        code: borrowing RecoveryCode?
    ) throws {
        let progress = Progress("deriving the key", conversation)
        do {
            try vault.rekey(
                passphrase: passphrase, cost: cost, recoveryCode: code,
                acceptingRollback: client.acceptsRollback)
        } catch {
            // The new key is in place then.
            if error.reason == .durabilityUnknown { lockAgents() }
            throw DerivationChoice.namingThem(error)
        }
        progress.end()
        conversation.warn(unremembered: vault.unremembered)
    }

    /// Locks the agent, whose key opens nothing that is saved from now on, and says what stays open.
    func reportOldCopies() {
        conversation.note(
            "old copies (backups, synced versions) still open as before: rotate the AWS keys if someone may have one"
        )
        lockAgents()
    }

    /// Locks every agent that has the vault unlocked, wherever it listens.
    private func lockAgents() {
        do {
            let location = client.location
            let path = try Paths.absolute(location.path)
            var locking = AgentLocking(stopping: false)
            let agents = try KnownAgent.all(for: location, failures: &locking.failures).filter {
                Paths.isSameVault($0.vault, path) && $0.status?.isLocked != true
            }
            locking.lock(agents)
            if agents.contains(where: { $0.registration == nil }) { locking.lockEnvironment() }
            if let failure = locking.failures.first { throw failure }
            guard !agents.isEmpty else { return }
            conversation.note("locked: the agent had the old key; run 'sealring unlock'")
        } catch {
            conversation.warn("the agent could not be locked: \(Failure.of(error)?.message ?? "it failed")")
            conversation.hint("run 'sealring lock'")
        }
    }
}
