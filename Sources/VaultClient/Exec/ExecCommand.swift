import AgentProtocol
import CredentialVault
package import Platform
package import ProgramSupport
import SecureMemory

/// Becomes a program that gets its credentials from one entry or role, and finds no others.
package struct ExecCommand {
    private let name: String
    private let words: [String]

    /// - Parameter words: the program and its arguments; empty for the user's shell.
    package init(name: String, words: [String]) {
        self.name = name
        self.words = words.isEmpty ? [Environment.value("SHELL") ?? "/bin/sh"] : words
    }

    /// Asks the agent once, so that what is wrong is said here, and becomes the program.
    ///
    /// - Parameters:
    ///   - limits: for how long a vault that is locked is unlocked.
    ///   - inherited: what the program gets back.
    /// - Returns: only where the program cannot be started.
    package func run(
        _ client: Client, _ mfa: MFACode, unlockingFor limits: AgentLimits,
        restoring inherited: InheritedState
    ) throws -> Failure {
        let vault = try unlocked(client, limits)
        _ = try vault.sessions(mfa).credentials(name)
        let region = try region(in: vault)
        let files = try ExecFiles.write(name, .ofUser(), client.conversation)
        let environment = try environment(files, region: region, vault: vault)
        inherited.restore()
        return failure(ChildProcess.become(CWords(words), environment: environment))
    }

    /// The vault in the agent, which is unlocked first where that is needed.
    private func unlocked(_ client: Client, _ limits: AgentLimits) throws -> AgentVault {
        if let vault = try AgentVault.unlocked(client.location, client.conversation) { return vault }
        let sealed = try SealedVault.read(client.location)
        guard !client.passphraseSource.isTerminal || client.conversation.canAsk else {
            throw Failure(AgentReason.locked)
        }
        let agent = try AgentProcess.connectOrStart(for: client.location)
        let vault = try client.unlock(sealed)
        try agent.unlock(client.location, vault, limits)
        guard let unlocked = try AgentVault.unlocked(client.location, client.conversation) else {
            throw Failure(AgentReason.lockedMeanwhile)
        }
        return unlocked
    }

    private func region(in vault: AgentVault) throws -> String? {
        do {
            return try vault.entry(named: name).region
        } catch let error as VaultError {
            guard case .noSuchEntry = error.reason else { throw error }
            let entries = try vault.entries()
            let role = entries.role(name)
            return role?.region ?? role.flatMap { entries[$0.source]?.region }
        }
    }

    private func environment(
        _ files: ExecFiles, region: String?, vault: AgentVault
    ) throws -> CWords {
        // boto3 and the first AWS CLI read only the second of them, others only the first.
        let own = (Environment.value("AWS_REGION"), Environment.value("AWS_DEFAULT_REGION"))
        let region = own.0 != nil && own.1 != nil ? nil : own.0 ?? own.1 ?? region
        let path = vault.signersPath
        let setsVault = try path != Environment.value("SEALRING_VAULT") && path != Paths.defaultVault()
        let replaced = (region == nil ? [] : ExecEnvironment.regions) + (setsVault ? ["SEALRING_VAULT"] : [])
        var variables = CWords()
        variables.appendEnvironment { ExecEnvironment.isKept($0, replacing: replaced) }
        var added = [
            "AWS_PROFILE=\(name)", "AWS_CONFIG_FILE=\(files.config)",
            "AWS_SHARED_CREDENTIALS_FILE=\(files.credentials)",
            // The SDK for Go reads the config file only then, in its first version.
            "AWS_SDK_LOAD_CONFIG=1", "SEALRING_ENTRY=\(name)",
        ]
        if setsVault { added.append("SEALRING_VAULT=\(path)") }
        if let region { added += ["AWS_REGION=\(region)", "AWS_DEFAULT_REGION=\(region)"] }
        for variable in added {
            let text = variable.utf8
            variables.append(unsafe text.span.bytes)
        }
        return variables
    }

    /// As a shell says it: 127 for a program that is not found, 126 for one that cannot be started.
    private func failure(_ code: Int32) -> Failure {
        let program = (words.first ?? "").printable
        return code == ENOENT || code == ENOTDIR
            ? Failure(
                .notFound, "could not find the program '\(program)'", hint: "check the name and your PATH")
            : Failure(
                .notExecutable, "could not start '\(program)': \(describe(errno: code))",
                hint: "check that it is an executable program")
    }
}
