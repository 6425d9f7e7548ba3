import AgentProtocol
import ArgumentParser
import CredentialVault
import ProgramSupport
import SecureMemory
import VaultClient

struct Passwd: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Change the passphrase.",
        discussion: """
            Replaces the vault key. Old copies of the vault still open with the old passphrase; everything saved \
            from now on does not. A new recovery code is issued unless you give the present one.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var recovery: NewRecoveryCode

    @Option(help: "Read the new passphrase from a file that only you can read.")
    var newPassphraseFile: String?

    @Option(help: "Keep the recovery code, read from this file ('-' prompts for it).")
    var codeFile: String?

    @Option(help: ArgumentHelp("Key derivation memory in MiB, 64 to 2048.", valueName: "mib"))
    var kdfMemory: UInt32?

    @Option(help: ArgumentHelp("Key derivation passes, 3 to 16.", valueName: "n"))
    var kdfPasses: UInt32?

    func run() throws {
        let sealed = try SealedVault.read(global.location())
        let hadCode = sealed.hasRecoveryCode
        let wantsCode = hadCode || recovery.recoveryCodeFile != nil
        if wantsCode, codeFile == nil { try recovery.requireWayOut() }
        var vault = try global.client().unlock(sealed)
        let cost = try Self.cost(kdfMemory, kdfPasses, of: vault)
        let source: PassphraseSource = newPassphraseFile.map { .file($0) } ?? .terminal
        let passphrase = try source.readNew(prompt: "New passphrase: ", conversation)
        if let codeFile {
            let code: RecoveryCode? = try Self.currentCode(codeFile, of: vault)
            try Self.rekey(&vault, passphrase, cost, code, global)
            Console.note("passphrase changed; the recovery code still works")
        } else if wantsCode {
            let issued = try recovery.issue()
            do { try Self.rekey(&vault, passphrase, cost, issued.code, global) } catch {
                issued.settle(after: error)
                throw error
            }
            Console.note("passphrase changed\(hadCode ? Self.oldCodes : "")")
            try issued.tell()
        } else {
            try Self.rekey(&vault, passphrase, cost, nil, global)
            Console.note("passphrase changed; the vault has no recovery code")
        }
        Self.tellOfOldCopies(global)
    }

    private static let oldCodes = "; recovery codes issued earlier no longer work"

    /// The code that is kept, which must be the vault's: one that was revoked must not come back.
    private static func currentCode(_ file: String, of vault: borrowing Vault) throws -> RecoveryCode {
        let code = try RecoveryCodeInput.code(file: file)
        _ = try SealedVault.read(vault.location).unlock(recoveryCode: code)
        return code
    }

    /// The cost that is asked for, else the one that the vault has.
    static func cost(_ memory: UInt32?, _ passes: UInt32?, of vault: borrowing Vault) throws -> DerivationCost
    {
        if memory == nil, passes == nil, let current = vault.derivationCost { return current }
        return try DerivationOptions.cost(
            memory: memory ?? vault.derivationCost.map { $0.memory >> 10 },
            passes: passes ?? vault.derivationCost?.passes)
    }

    static func rekey(
        _ vault: inout Vault, _ passphrase: borrowing SecretBytes, _ cost: DerivationCost,
        _ code: borrowing RecoveryCode?, _ global: GlobalOptions
    ) throws {
        let progress = Progress("deriving the key", conversation)
        do {
            try vault.rekey(
                passphrase: passphrase, cost: cost, recoveryCode: code,
                acceptingRollback: global.acceptRollback)
        } catch {
            // The new key is in place then.
            if error.reason == .durabilityUnknown { lockAgents(global) }
            throw DerivationOptions.namingThem(error)
        }
        progress.end()
        conversation.warn(unremembered: vault.unremembered)
    }

    /// Locks the agent, whose key opens nothing that is saved from now on, and says what stays open.
    static func tellOfOldCopies(_ global: GlobalOptions) {
        Console.note(
            "old copies (backups, synced versions) still open as before: rotate the AWS keys if someone may have one"
        )
        lockAgents(global)
    }

    /// Locks every agent that has the vault unlocked, wherever it listens.
    private static func lockAgents(_ global: GlobalOptions) {
        do {
            let location = try global.location()
            let path = try Paths.absolute(location.path)
            var locking = AgentLocking(stopping: false)
            let agents = try KnownAgent.all(for: location, failures: &locking.failures).filter {
                Paths.isSameVault($0.vault, path) && $0.status?.isLocked != true
            }
            locking.lock(agents)
            if agents.contains(where: { $0.registration == nil }) { locking.lockEnvironment() }
            if let failure = locking.failures.first { throw failure }
            guard !agents.isEmpty else { return }
            Console.note("locked: the agent had the old key; run 'sealring unlock'")
        } catch {
            Console.warn("the agent could not be locked: \(Failure.of(error)?.message ?? "it failed")")
            Console.hint("run 'sealring lock'")
        }
    }
}

struct Recover: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Set a new passphrase with the recovery code.")

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Option(help: "Read the recovery code from a file instead of prompting for it.")
    var codeFile: String?

    @Option(help: "Read the new passphrase from a file that only you can read.")
    var newPassphraseFile: String?

    @Option(help: ArgumentHelp("Key derivation memory in MiB, 64 to 2048.", valueName: "mib"))
    var kdfMemory: UInt32?

    @Option(help: ArgumentHelp("Key derivation passes, 3 to 16.", valueName: "n"))
    var kdfPasses: UInt32?

    func run() throws {
        let sealed = try SealedVault.read(global.location())
        guard sealed.hasRecoveryCode else { throw Failure(.missing, "the vault has no recovery code") }
        let code = try RecoveryCodeInput.code(file: codeFile ?? "-")
        var vault = try sealed.unlock(recoveryCode: code)
        let kept: RecoveryCode? = code
        let source: PassphraseSource = newPassphraseFile.map { .file($0) } ?? .terminal
        let passphrase = try source.readNew(prompt: "New passphrase: ", conversation)
        let cost = try Passwd.cost(kdfMemory, kdfPasses, of: vault)
        try Passwd.rekey(&vault, passphrase, cost, kept, global)
        Console.note("passphrase changed; the recovery code still works")
        Passwd.tellOfOldCopies(global)
    }
}

struct RecoveryCodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery-code", abstract: "Issue or remove the recovery code.",
        subcommands: [New.self, Drop.self])

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Issue a new recovery code; earlier ones stop working.")

        @OptionGroup(title: "Global options") var global: GlobalOptions

        @Option(help: "Write the recovery code to a new file instead of showing it.")
        var recoveryCodeFile: String?

        func run() throws {
            var recovery = NewRecoveryCode()
            recovery.recoveryCodeFile = recoveryCodeFile
            recovery.noRecoveryCode = false
            try recovery.requireWayOut()
            let sealed = try SealedVault.read(global.location())
            var opened = try global.client().unlockKeepingPassphrase(sealed)
            let isReplaced = opened.vault.hasRecoveryCode
            let issued = try recovery.issue()
            do {
                if isReplaced {
                    try Passwd.rekey(
                        &opened.vault, opened.passphrase, Passwd.cost(nil, nil, of: opened.vault),
                        issued.code, global)
                } else {
                    try issued.add(to: &opened.vault, acceptingRollback: global.acceptRollback)
                }
            } catch {
                issued.settle(after: error)
                throw error
            }
            if isReplaced { Console.note("recovery codes issued earlier no longer work") }
            try issued.tell()
            if isReplaced { Passwd.tellOfOldCopies(global) }
        }
    }

    struct Drop: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove the recovery code, which then stops working.")

        @OptionGroup(title: "Global options") var global: GlobalOptions

        func run() throws {
            let sealed = try SealedVault.read(global.location())
            guard sealed.hasRecoveryCode else { throw Failure(.missing, "the vault has no recovery code") }
            var opened = try global.client().unlockKeepingPassphrase(sealed)
            try Passwd.rekey(
                &opened.vault, opened.passphrase, Passwd.cost(nil, nil, of: opened.vault), nil, global)
            Console.note("recovery code removed; it no longer opens the vault")
            Passwd.tellOfOldCopies(global)
        }
    }
}

extension IssuedRecoveryCode {
    func add(to vault: inout Vault, acceptingRollback: Bool) throws {
        switch code {
        case .some(let code):
            try vault.addRecoveryCode(code, acceptingRollback: acceptingRollback)
            conversation.warn(unremembered: vault.unremembered)
        case .none: preconditionFailure("a code was issued")
        }
    }
}

/// The recovery code as the person gives it.
enum RecoveryCodeInput {
    static func code(file: String) throws -> RecoveryCode {
        try Answers.retrying(conversation, isAsked: file == "-") { try RecoveryCode(text: read(file: file)) }
    }

    private static func read(file: String) throws -> SecretBytes {
        guard file == "-" else { return try SecretFile.readPassphrase(file, limit: 256) }
        guard let terminal = Terminal() else {
            throw Failure(.usage, "no terminal to ask for the recovery code", hint: "give --code-file PATH")
        }
        return try terminal.askSecret("Recovery code: ", limit: 256)
    }
}
