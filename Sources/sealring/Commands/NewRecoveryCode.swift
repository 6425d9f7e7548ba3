import ArgumentParser
import CredentialVault
import Platform
import ProgramSupport
import SecureMemory
import VaultClient

/// Where a new recovery code goes.
struct NewRecoveryCode: ParsableArguments {
    @Option(help: "Write the recovery code to a new file instead of showing it.")
    var recoveryCodeFile: String?

    @Flag(help: "Do not create a recovery code. A forgotten passphrase then means a lost vault.")
    var noRecoveryCode = false

    func validate() throws {
        if noRecoveryCode, recoveryCodeFile != nil {
            throw ValidationError("--recovery-code-file and --no-recovery-code exclude each other")
        }
    }

    /// Refuses before any work when the code could not be given to anybody.
    func requireWayOut() throws {
        guard !noRecoveryCode, recoveryCodeFile == nil, Terminal() == nil else { return }
        throw Failure(
            .usage, "no terminal to show the recovery code on",
            hint: "give --recovery-code-file PATH or --no-recovery-code")
    }

    /// A new code, already in its file when it goes to one; nothing when none is wanted.
    func issue() throws -> IssuedRecoveryCode {
        guard !noRecoveryCode else { return IssuedRecoveryCode(code: nil, file: nil) }
        let code = try RecoveryCode()
        if let recoveryCodeFile { try SecretFile.create(recoveryCodeFile, code.text()) }
        return IssuedRecoveryCode(code: code, file: recoveryCodeFile)
    }
}

/// A recovery code on its way to the person.
struct IssuedRecoveryCode: ~Copyable {
    let code: RecoveryCode?
    let file: String?

    init(code: consuming RecoveryCode?, file: String?) {
        self.code = code
        self.file = file
    }

    /// Takes the file back when the code was not put to use; where the vault holds the code in spite of the
    /// error, the person gets it.
    func settle(after error: any Error) {
        if (error as? VaultError)?.reason == .durabilityUnknown {
            try? tell()
        } else if let file {
            unsafe unlink(file)
        }
    }

    /// Shows the code, or says where it is.
    func tell() throws {
        if let file {
            Console.note("the recovery code is in \(file.printable): keep it apart from this machine")
            return
        }
        switch code {
        case .none: return
        case .some(let code):
            guard let terminal = Terminal() else { throw Failure(.usage, "no terminal to show the code on") }
            try terminal.show(
                "Recovery code (opens the vault without the passphrase; shown only now):\n\n    ")
            try terminal.show(code.text())
            try terminal.show("\n\nWrite it down, and keep it apart from this machine.\n")
        }
    }
}
