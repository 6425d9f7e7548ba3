import ArgumentParser
import VaultClient

/// The option of every command that may need a code.
struct MFAOptions: ParsableArguments {
    @Option(help: "The code that the MFA device shows. (env: SEALRING_MFA_COMMAND prints one)")
    var mfaToken: String?

    var code: MFACode { MFACode(token: mfaToken) }
}
