import CredentialVault
import Platform
import ProgramSupport
import SecureMemory

/// Where a new recovery code goes.
package struct RecoveryCodeChoice {
    /// The new file that gets it; nil to show it.
    let file: String?
    /// Whether there is to be one.
    let isWanted: Bool

    package init(file: String?, isWanted: Bool = true) {
        self.file = file
        self.isWanted = isWanted
    }

    /// Refuses before any work when the code could not be given to anybody.
    func requireWayOut(_ conversation: any Conversation) throws {
        if let file { try SecretFile.requireFree(file) }
        guard isWanted, file == nil, !conversation.canAsk else { return }
        throw Failure(
            .usage, "no terminal to show the recovery code on",
            hint: "give --recovery-code-file PATH or --no-recovery-code")
    }

    /// A new code, already in its file when it goes to one; nothing when none is wanted.
    func issue(_ conversation: any Conversation) throws -> IssuedRecoveryCode {
        guard isWanted else { return IssuedRecoveryCode(code: nil, file: nil, conversation) }
        let code = try RecoveryCode()
        if let file { try SecretFile.create(file, code.text()) }
        return IssuedRecoveryCode(code: code, file: file, conversation)
    }
}

/// A recovery code on its way to the person.
struct IssuedRecoveryCode: ~Copyable {
    let code: RecoveryCode?
    let file: String?

    private let conversation: any Conversation

    init(code: consuming RecoveryCode?, file: String?, _ conversation: any Conversation) {
        self.conversation = conversation
        self.code = code
        self.file = file
    }

    /// Takes the file back when the code was not put to use; where the vault holds the code in spite of the
    /// error, the person gets it.
    func settle(after error: any Error) {
        if (error as? VaultError)?.reason == .durabilityUnknown {
            try? show()
        } else if let file {
            unsafe unlink(file)
        }
    }

    /// Shows the code, or says where it is.
    func show() throws {
        if let file {
            conversation.note("the recovery code is in \(file.printable): keep it apart from this machine")
            return
        }
        switch code {
        case .none: return
        case .some(let code):
            guard conversation.canAsk else { throw Failure(.usage, "no terminal to show the code on") }
            try conversation.tell(
                "Recovery code (opens the vault without the passphrase; shown only now):\n\n    ")
            try conversation.tell(code.text())
            try conversation.tell("\n\nWrite it down, and keep it apart from this machine.\n")
        }
    }

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
    static func code(file: String, _ conversation: any Conversation) throws -> RecoveryCode {
        try Answers.retrying(conversation, isAsked: file == "-") {
            try RecoveryCode(text: read(file: file, conversation))
        }
    }

    private static func read(file: String, _ conversation: any Conversation) throws -> SecretBytes {
        guard file == "-" else { return try SecretFile.readPassphrase(file, limit: 256) }
        guard conversation.canAsk else {
            throw Failure(.usage, "no terminal to ask for the recovery code", hint: "give --code-file PATH")
        }
        return try conversation.askSecret("Recovery code: ", limit: 256, until: nil)
    }
}
