import CredentialVault
import TestSupport

/// A vault with a passphrase, a recovery code and one entry, made once for all tests: its key takes a tenth of
/// a second to derive.
struct PassphraseVault: Sendable {
    static let passphrase = "correct horse battery staple"
    static let shared = Result { try PassphraseVault() }

    let bytes: [UInt8]

    private init() throws {
        let scratch = Scratch()
        var vault = try Vault.create(
            at: scratch.location, passphrase: secret(Self.passphrase), cost: .cheapest, recoveryCode: code())
        try vault.update { try $0.addKey("prod", secret: "a made-up secret access key") }
        bytes = try scratch.read()
    }

    /// A copy of it in a directory of its own.
    static func copy() throws -> Scratch {
        let scratch = Scratch()
        try scratch.write(shared.get().bytes)
        return scratch
    }
}
