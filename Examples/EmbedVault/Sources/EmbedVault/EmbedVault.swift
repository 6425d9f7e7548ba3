import CredentialVault
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Lists a vault, or uses one of its keys: `EmbedVault VAULT [NAME] < passphrase`.
@main
struct EmbedVault {
    static func main() {
        // Before the first secret: no core dumps, no other process looking in.
        ProcessHardening.apply()
        do {
            try run()
        } catch let error as VaultError {
            // An error holds names, paths and figures, never a secret.
            print("\(error.path): \(error.reason)")
            exit(1)
        } catch {
            print("\(error)")
            exit(1)
        }
    }

    static func run() throws {
        let arguments = CommandLine.arguments
        guard (2...3).contains(arguments.count) else {
            print("usage: EmbedVault VAULT [NAME] < passphrase")
            exit(64)
        }
        // What this machine remembers of the vault, so that an older copy is recognised.
        let state = (getenv("HOME").map { String(cString: $0) } ?? "") + "/.local/state/sealring"
        let location = VaultLocation(path: arguments[1], stateDirectory: state)

        // Kind, owner, size, header and checksum are checked here; nothing costs anything yet.
        let sealed = try SealedVault.read(location)
        // This takes the time and the memory that the vault's owner chose for Argon2id.
        let vault = try sealed.unlock(passphrase: readPassphrase())

        guard arguments.count == 3 else {
            for entry in vault.contents.entries { print(entry.name, entry.accessKeyID) }
            return
        }
        // The secret is used in place: it is never copied out of locked memory.
        try vault.contents.withSecrets(of: arguments[2]) { secretAccessKey, sessionToken in
            print("a secret access key of", secretAccessKey.count, "bytes", terminator: ", ")
            print(sessionToken == nil ? "no session token" : "and a session token")
        }
    }

    /// Reads stdin up to the first newline, into memory that is locked from the first byte on.
    static func readPassphrase() throws -> SecretBytes {
        var buffer = try SecretBytes(count: 1024)
        let count = buffer.withUnsafeMutableBytes { target in
            let got = read(0, target.baseAddress, target.count)
            return target.prefix(max(got, 0)).prefix { $0 != UInt8(ascii: "\n") }.count
        }
        return try buffer.resized(to: count)
    }
}
