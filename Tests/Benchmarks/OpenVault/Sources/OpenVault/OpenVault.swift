import CredentialVault
import Glibc
import SecureMemory

/// Measures how long a vault takes to open, through the library as another program uses it.
///
/// Opening with the recovery code is opening without Argon2id: that code is random, and is hashed once. All
/// other steps are those of a passphrase: read, check, unwrap, authenticate, decrypt, index, compare with the
/// state of this machine.
@main
struct OpenVault {
    static func main() throws {
        let words = CommandLine.arguments
        guard words.count == 5, let count = Int(words[3]), let rounds = Int(words[4]) else {
            print("usage: OpenVault code|passphrase DIRECTORY ENTRIES ROUNDS")
            exit(64)
        }
        let location = VaultLocation(path: words[2] + "/vault", stateDirectory: words[2] + "/state")
        let passphrase = try secret("a passphrase of a benchmark")
        let code = try RecoveryCode()
        try make(location, passphrase: passphrase, code: code, count: count)
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            let sealed = try SealedVault.read(location)
            let vault =
                words[1] == "code"
                ? try sealed.unlock(recoveryCode: code) : try sealed.unlock(passphrase: passphrase)
            let time = ContinuousClock.now - start
            guard vault.contents.count == count else { fatalError("the vault lost entries") }
            print(time / .milliseconds(1))
        }
    }

    private static func make(
        _ location: VaultLocation, passphrase: borrowing SecretBytes, code: borrowing RecoveryCode, count: Int
    ) throws {
        var vault = try Vault.create(at: location, passphrase: passphrase, cost: .cheapest)
        try vault.addRecoveryCode(code)
        let key = try secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        try vault.update { contents in
            for number in 0..<count {
                var entry = Entry(name: "entry-\(number)", accessKeyID: "AKIA\(1_000_000_000_000 + number)")
                entry.accountID = "123456789012"
                entry.userName = "user-\(number)"
                entry.source = "csv: credentials.csv"
                entry.region = "eu-central-1"
                try contents.add(entry, secretAccessKey: key)
            }
        }
    }

    private static func secret(_ text: StaticString) throws -> SecretBytes {
        try unsafe SecretBytes(
            copying: UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
