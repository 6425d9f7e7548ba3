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
        } catch {
            // A VaultError says what is wrong in words; it holds names, paths and figures, never a secret.
            fail("\(error)", status: 1)
        }
    }

    static func run() throws {
        let arguments = CommandLine.arguments
        guard (2...3).contains(arguments.count) else {
            fail("usage: EmbedVault VAULT [NAME] < passphrase", status: 64)
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
        // The secrets are used in place: they are never copied out of locked memory.
        let secrets = try vault.contents.secrets(of: arguments[2])
        print("a secret access key of", secrets.secretAccessKey.byteCount, "bytes", terminator: ", ")
        print(secrets.sessionToken == nil ? "no session token" : "and a session token")
    }

    /// Reads stdin to its end, into memory that is locked from the first byte on.
    static func readPassphrase() throws -> SecretBytes {
        // A passphrase has up to 1024 bytes, and a newline may follow it.
        var buffer = try SecretBytes(count: 1026)
        let count = buffer.withUnsafeMutableBytes { target in
            var count = 0
            // A pipe gives as much as was written to it so far: only 0 is its end.
            while count < target.count {
                let got = read(0, target.baseAddress.map { $0 + count }, target.count - count)
                guard got > 0 else { break }
                count += got
            }
            return target[..<count].last == UInt8(ascii: "\n") ? count - 1 : count
        }
        return try buffer.resized(to: count)
    }

    /// What is for people goes to stderr: stdout is for what was asked for.
    static func fail(_ text: String, status: Int32) -> Never {
        let line = Array((text + "\n").utf8)
        _ = write(2, line, line.count)
        exit(status)
    }
}
