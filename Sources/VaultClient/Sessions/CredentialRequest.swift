import AgentProtocol
import CredentialVault
import ProgramSupport
package import SecureMemory

/// What an AWS client gets from `credential-process`, which never asks anybody.
package enum CredentialRequest {
    /// The line for the client, of a vault that is unlocked in the agent, or opened here just for this.
    package static func line(
        for name: String, mfaToken: String?, _ client: Client
    ) throws -> SecretBuffer {
        if let vault = try unlocked(client) { return try line(for: name, mfaToken, in: vault) }
        if client.passphraseSource.isTerminal {
            // What is wrong with the file comes first: no passphrase would help there.
            _ = try SealedVault.read(client.location)
            let sources = "set SEALRING_PASSPHRASE_FILE or SEALRING_PASSPHRASE_COMMAND"
            throw Failure(
                .notPermitted, "the vault is locked",
                hint: client.usesAgent ? "run 'sealring unlock', or \(sources)" : sources
            ).because(.locked)
        }
        if case .file(let path) = client.passphraseSource, SecretFile.isStandardInput(path) {
            throw Failure(
                .usage, "the passphrase cannot come from stdin, which belongs to the AWS client",
                hint: "use a file, another descriptor or a command")
        }
        let vault = try client.open(isSilent: true)
        let role = vault.contents.role(named: name)
        let entry = vault.contents.entry(named: name)
        if role != nil || entry.map({ $0.serve != .key }) ?? false {
            return try line(for: name, mfaToken, in: DirectVault(vault, client.conversation))
        }
        guard let entry else { throw VaultError(.noSuchEntry(name), path: vault.location.path) }
        return try line(for: entry, in: vault.contents, now: client.conversation.now)
    }

    /// The key itself.
    private static func line(
        for entry: Entry, in contents: borrowing VaultContents, now: Int64
    ) throws -> SecretBuffer {
        var answer = try SecretBuffer(capacity: 4000, limit: CredentialProcessJSON.limit)
        let secrets = try contents.secrets(of: entry.name)
        try CredentialAnswer.append(
            to: &answer, entry, key: secrets.secretAccessKey, token: secrets.sessionToken, now: now)
        return answer
    }

    /// The vault behind the agent, when that has it unlocked. A caller that brings the passphrase does not need the
    /// agent, whatever is wrong with it.
    private static func unlocked(_ client: Client) throws -> AgentVault? {
        guard client.usesAgent else { return nil }
        if client.passphraseSource.isTerminal {
            return try AgentVault.unlocked(client.location, client.conversation)
        }
        return try? AgentVault.unlocked(client.location, client.conversation)
    }

    /// The credentials of a role or a session, or what the agent has.
    private static func line(
        for name: String, _ mfaToken: String?, in vault: some VaultAccess
    ) throws -> SecretBuffer {
        try vault.sessions(MFACode(token: mfaToken, isSilent: true), isForClient: true).credentials(name)
    }
}
