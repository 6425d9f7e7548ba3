package import CredentialVault
import DurableFiles
import SecureMemory

extension Failure {
    /// What the error says, with the exit status and what to do about it.
    package init(_ error: VaultError) {
        let words = error.description
        switch error.reason {
        case .missing: self.init(.missing, words, hint: "run 'sealring init'")
        case .exists:
            self.init(
                .exists, words, hint: "a vault is never overwritten: use it, or move it away first")
        case .file:
            if let file = error.file { self.init(file) } else { self.init(.inputOutput, words) }
        case .damaged:
            let previous = error.path + ".prev"
            let isThere = !error.path.isEmpty && FileStatus.of(previous) != nil
            self.init(
                .malformed, words,
                hint: "restore a backup"
                    + (isThere ? ", or '\(previous.printable)', the state before the last save" : ""))
        case .unsupported: self.init(.malformed, words, hint: "update sealring")
        case .cost:
            self.init(
                .malformed, words, hint: "no vault made by sealring asks for that; restore a backup")
        case .wrongPassphrase:
            self.init(
                .notPermitted, words,
                hint: "set a new passphrase with 'sealring recover' and the recovery code")
        case .wrongRecoveryCode: self.init(.notPermitted, words)
        case .mistypedRecoveryCode:
            self.init(.malformed, words, hint: "it has nine groups of four letters and digits")
        case .noSuchSlot: self.init(.missing, words)
        case .passphraseLength: self.init(.malformed, words)
        case .notEnoughMemory:
            self.init(
                .memory, words,
                hint:
                    "raise the limit, or lower the cost where there is more memory: 'sealring passwd --kdf-memory 64'"
            )
        case .secretMemory(.cannotLock(let count, _)):
            self = .cannotLock(count, limit: Self.lockLimit())
        case .secretMemory: self.init(.memory, words)
        case .busy: self.init(.busy, words, hint: "try again in a moment")
        case .noTurn:
            self.init(
                .busy, words, hint: "start fewer at a time, or let an agent answer: 'sealring unlock'")
        case .rekeyedMeanwhile: self.init(.busy, words, hint: "try again")
        case .otherVault: self.init(.busy, words, hint: "unlock it with 'sealring unlock'")
        case .revoked:
            self.init(.malformed, words, hint: "put the newest copy of the vault in its place")
        case .notSuccessor(let freshness): self.init(.malformed, words, hint: freshness.cure)
        case .noSuchEntry: self.init(.missing, words, hint: "'sealring list' shows the names")
        case .noSuchRole: self.init(.missing, words, hint: "'sealring role list' shows the roles")
        case .inUse(_, let user, .source):
            self.init(
                .exists, words,
                hint:
                    "remove '\(user.printable)' as well, or give it another source with 'sealring set \(user.printable) --source NAME'"
            )
        case .inUse(_, let user, .served):
            self.init(
                .exists, words,
                hint:
                    "remove '\(user.printable)' as well, or let it serve itself with 'sealring set \(user.printable) --serve key'"
            )
        case .roleLoop:
            self.init(
                .malformed, words,
                hint: "give one of them another source with 'sealring set NAME --source'")
        case .roleChain: self.init(.malformed, words, hint: "assume one of them with the key directly")
        case .nameTaken: self.init(.exists, words, hint: "choose another name")
        case .invalidValue: self.init(.malformed, words)
        case .full: self.init(.malformed, words, hint: "remove entries that are no longer used")
        case .exhausted:
            self.init(
                .malformed, words, hint: "restore a backup: no vault that sealring made counts so far")
        case .durabilityUnknown: self.init(.inputOutput, words, hint: "check the disk")
        case .foreignSlots: self.init(.malformed, words, hint: "use the program that made them")
        }
    }
}
