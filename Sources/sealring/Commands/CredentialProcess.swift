import AgentProtocol
import ArgumentParser
import CredentialVault
import Platform
import ProgramSupport
import SecureMemory
import VaultClient

struct CredentialProcess: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credential-process",
        abstract: "Print credentials as JSON for an AWS credential_process setting.",
        discussion: """
            Asks the agent if it has the vault unlocked. Otherwise, and with --no-agent, derives the key each time \
            without prompting: the passphrase comes from a file, a command or a systemd credential.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @OptionGroup var mfa: MFAOptions

    @Argument(help: "Name of an entry or role.")
    var name: String

    func run() throws {
        if let vault = try unlocked() { return try release(vault) }
        if try global.client().passphraseSource.isTerminal {
            // What is wrong with the file comes first: no passphrase would help there.
            _ = try SealedVault.read(global.location())
            let sources = "set SEALRING_PASSPHRASE_FILE or SEALRING_PASSPHRASE_COMMAND"
            throw Failure(
                .notPermitted, "the vault is locked",
                hint: global.noAgent ? sources : "run 'sealring unlock', or \(sources)")
        }
        if case .file(let path) = try global.client().passphraseSource, SecretFile.isStandardInput(path) {
            throw Failure(
                .usage, "the passphrase cannot come from stdin, which belongs to the AWS client's own input",
                hint: "use a file, another descriptor or a command")
        }
        let vault = try global.client().open(isSilent: true)
        let role = vault.contents.role(named: name)
        let entry = vault.contents.entry(named: name)
        if role != nil || entry.map({ $0.serve != .key }) ?? false {
            return try release(DirectVault(vault, conversation))
        }
        guard let entry else { throw VaultError(.noSuchEntry(name), path: vault.location.path) }
        var answer = try SecretBuffer(capacity: 4000, limit: CredentialProcessJSON.limit)
        try vault.contents.withSecrets(of: name) { key, token in
            try CredentialAnswer.append(to: &answer, entry, key: key, token: token, now: UnixTime.now())
        }
        try Console.release(answer)
    }

    /// The vault behind the agent, when that has it unlocked. A caller that brings the passphrase does
    /// not need the agent, whatever is wrong with it.
    private func unlocked() throws -> AgentVault? {
        if global.noAgent { return nil }
        let location = try global.location()
        if try global.client().passphraseSource.isTerminal {
            return try AgentVault.unlocked(location, conversation)
        }
        return try? AgentVault.unlocked(location, conversation)
    }

    /// Releases the credentials of a role or a session, or what the agent has.
    private func release(_ access: some VaultAccess) throws {
        let code = MFACode(token: mfa.mfaToken, isSilent: true)
        try Console.release(access.sessions(code, isForClient: true).credentials(name))
    }

    /// Says in one line what went wrong and how to fix it, keeps it for `sealring status`, since many clients
    /// hide it, and ends the process. Nothing goes to stdout, since clients would read it.
    func fail(_ error: any Error) -> Never {
        let failure = Failure.of(error) ?? Failure(.inputOutput, "it failed in an unknown way")
        guard !failure.message.isEmpty else { endProcess(failure.code.rawValue) }
        Console.note(failure.message + (failure.hint.map { ": \($0)" } ?? ""))
        Refusals.add(name, failure)
        endProcess(failure.code.rawValue)
    }
}

private func endProcess(_ code: Int32) -> Never { exit(code) }
