import AWSValues
import ArgumentParser
import VaultClient

/// The option of every command that may need a code.
struct MFAOptions: ParsableArguments {
    @Option(help: "Code from the MFA device. (env: SEALRING_MFA_COMMAND, a command that prints it)")
    var mfaToken: String?

    func validate() throws {
        guard let mfaToken, !MFADevice.isCode(mfaToken.utf8.span) else { return }
        throw ValidationError("invalid --mfa-token: an MFA code has 6 digits")
    }

    var code: MFACode { MFACode(token: mfaToken) }
}
