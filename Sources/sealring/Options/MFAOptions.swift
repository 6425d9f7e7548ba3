import ArgumentParser
import VaultClient

/// The option of every command that may need a code.
struct MFAOptions: ParsableArguments {
    @Option(help: "Code from the MFA device. (env: SEALRING_MFA_COMMAND, a command that prints it)")
    var mfaToken: String?

    var code: MFACode { MFACode(token: mfaToken) }
}
