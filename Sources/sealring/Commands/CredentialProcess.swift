import AgentProtocol
import ArgumentParser
import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct CredentialProcess: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential-process",
        abstract: "Print an entry's credentials as AWS clients expect them of a credential_process.",
        discussion: """
            Derives the key each time and never asks: the passphrase comes from a file, a command or a \
            systemd credential.
            """)

    @OptionGroup var global: GlobalOptions

    @OptionGroup var mfa: MFAOptions

    @Argument(help: "The name of an entry or a role.")
    var name: String

    func run() throws {
        if global.passphraseSource.isTerminal {
            throw Failure(
                .notPermitted, "the vault is locked",
                hint: "set SEALRING_PASSPHRASE_FILE or SEALRING_PASSPHRASE_COMMAND")
        }
        if case .file(let path) = global.passphraseSource, SecretFile.isStandardInput(path) {
            throw Failure(
                .usage, "the passphrase cannot come from stdin, which belongs to the AWS client's own input",
                hint: "use a file, another descriptor or a command")
        }
        let vault = try global.open(isSilent: true)
        let role = vault.contents.role(named: name)
        let entry = vault.contents.entry(named: name)
        if role != nil || entry.map({ $0.serve != .key }) ?? false { return try release(vault) }
        guard let entry else { throw VaultError(.noSuchEntry(name), path: vault.location.path) }
        var answer = try SecretBuffer(capacity: 4000, limit: CredentialProcessJSON.limit)
        try unsafe vault.contents.withSecrets(of: name) { key, token in
            try unsafe CredentialAnswer.append(to: &answer, entry, key, token, now: Int64(time(nil)))
        }
        try Console.release(answer)
    }

    /// Releases the credentials of a role or a session.
    private func release(_ vault: consuming Vault) throws {
        let access = DirectVault(vault)
        let code = MFACode(token: mfa.mfaToken, isSilent: true)
        try Console.release(access.sessions(code, isForClient: true).credentials(name))
    }

    /// Says in one line what went wrong and how to mend it, keeps it for those whose client hides it, and
    /// ends the process. Nothing goes to stdout, since clients would read it.
    func fail(_ error: any Error) -> Never {
        let failure = Failure.of(error) ?? Failure(.inputOutput, "it failed in an unknown way")
        guard !failure.message.isEmpty else { endProcess(failure.code.rawValue) }
        let line = failure.message + (failure.hint.map { ": \($0)" } ?? "")
        Console.note(line)
        LastError.write(entry: name, message: line)
        endProcess(failure.code.rawValue)
    }
}

private func endProcess(_ code: Int32) -> Never { exit(code) }

/// The last error of a program whose stderr clients hide, for `sealring doctor`.
enum LastError {
    static func write(entry: String, message: String) {
        let now = EntryFacts.time(Int64(time(nil)))
        let bytes = Array("\(now) \(String(entry.prefix(128)).printable): \(message)\n".utf8)
        do {
            let state = try Paths.stateDirectory()
            try Directory.make(state)
            let directory = try Directory(state)
            let file = try directory.open("last-error", flags: O_WRONLY | O_CREAT | O_TRUNC, mode: 0o600)
            try unsafe bytes.withUnsafeBytes { try unsafe file.write($0) }
        } catch {
            // Nobody is left to tell: the line on stderr was the message.
        }
    }
}
