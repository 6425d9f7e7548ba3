import ArgumentParser
import VaultClient

/// Where a new recovery code goes.
struct NewRecoveryCode: ParsableArguments {
    @Option(help: "Write the recovery code to a new file instead of showing it.", completion: .file())
    var recoveryCodeFile: String?

    @Flag(help: "Do not create a recovery code. A forgotten passphrase then means a lost vault.")
    var noRecoveryCode = false

    func validate() throws {
        if noRecoveryCode, recoveryCodeFile != nil {
            throw ValidationError("--recovery-code-file and --no-recovery-code cannot be used together")
        }
    }

    var choice: RecoveryCodeChoice {
        RecoveryCodeChoice(file: recoveryCodeFile, isWanted: !noRecoveryCode)
    }
}
