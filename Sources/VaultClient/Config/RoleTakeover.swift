import AWSConfigFile
import AWSConfigGrammar
import CredentialVault
import ProgramSupport

/// Moves a chain of profiles that assume roles by themselves into the vault: roles and key are sealed first,
/// then each profile is rewritten, and what lay there in plaintext is removed last.
package struct RoleTakeover {
    private let chain: RoleChain
    private let files: AWSFiles
    private let isAgentless: Bool
    private let conversation: any Conversation

    /// - Parameter name: what the role of the profile is to be called.
    /// - Returns: nil when the profile assumes no role by itself.
    package init?(
        _ profile: String, as name: String, isAgentless: Bool, in files: AWSFiles, _ vault: any VaultAccess
    ) throws {
        self.files = files
        self.isAgentless = isAgentless
        conversation = vault.conversation
        do {
            let chain = try RoleChain(
                profile, as: name, in: files.config.read(), files.credentials.read(), vault)
            guard let chain else { return nil }
            self.chain = chain
        } catch let error as AWSConfigError {
            throw Failure(error, path: files.config.path)
        }
    }

    /// - Parameter consent: as with ``ProfileWriter``; it is for all of it.
    package func run(_ consent: ProfileWriter.Consent, _ vault: any VaultAccess, acceptingRollback: Bool)
        throws
    {
        do {
            let base = try baseWriter()
            if let obstacle = try show(base, isDryRun: isDryRun(consent)), !isDryRun(consent) {
                throw obstacle
            }
            if isDryRun(consent) { return }
            if case .asked = consent {
                try conversation.require(
                    "Move this into the vault, and write \(files.config.path.printable)?")
            }
            let moved = try seal(in: vault, acceptingRollback)
            // Beside a key of the same file no command can be written.
            if let moved, moved.kind == .config { try remove(moved, vault) }
            try base?.write()
            for step in chain.steps {
                _ = try files.config.takeOver(
                    step.profile, files.command(for: step.role.name, isAgentless: isAgentless),
                    undo: files.undo)
                conversation.note(
                    "wrote the profile '\(step.profile.profile.printable)' into \(files.config.path.printable)"
                )
            }
            if let moved, moved.kind == .credentials { try remove(moved, vault) }
            try offerOwnKeys(into: vault, consent, acceptingRollback)
            for step in chain.steps {
                ProfileWriter.warnOfOtherSource(
                    step.profile.profile, than: step.role.name, in: files.credentials, conversation)
            }
            EnvironmentKeys.warn(conversation)
        } catch let error as AWSConfigError {
            throw Failure(error, path: files.config.path)
        }
    }

    // MARK: what is shown

    private func isDryRun(_ consent: ProfileWriter.Consent) -> Bool {
        if case .dryRun = consent { true } else { false }
    }

    /// - Returns: what keeps the file from being written.
    private func show(_ base: ProfileWriter?, isDryRun: Bool) throws -> AWSConfigError? {
        let will = isDryRun ? "would" : "will"
        switch chain.base {
        case .vault(let name):
            conversation.note("the key '\(name)' is in the vault already")
            if let entry = chain.baseEntry, let profile = chain.steps.first?.profile.sourceProfile {
                files.beside(profile).tell(of: entry, conversation)
            }
        case .plaintext(let profile, let name, let kind):
            conversation.note(
                "\(will) move the plaintext key of '\(profile.printable)' from \(files[kind].path.printable) into the vault as \(name)"
            )
        }
        for step in chain.steps {
            let role = "\(step.role.name) (\(step.role.roleARN.printable)), assumed with \(step.role.source)"
            conversation.note(step.isNew ? "\(will) add the role \(role)" : "the vault has the role \(role)")
        }
        for step in chain.steps where step.isNew { tellDuration(step) }
        for step in chain.steps { BesideKey.tell(step.beside, of: step.profile.profile, conversation) }
        let preview = try files.config.preview(parts(base), undo: files.undo)
        ProfileWriter.warn(preview, conversation)
        ProfileWriter.show(preview, conversation)
        return preview.obstacle
    }

    /// What is done to the config file.
    private func parts(_ base: ProfileWriter?) throws -> [ConfigFile.Part] {
        var parts: [ConfigFile.Part] = try chain.steps.map { step in
            .takeOver(step.profile, try files.command(for: step.role.name, isAgentless: isAgentless))
        }
        if case .plaintext(let profile, _, .config) = chain.base { parts.append(.removeKey(of: profile)) }
        if let base {
            parts.append(
                .configure(base.name, base.settings, replacingForeignProcess: base.isForced))
        }
        return parts
    }

    private func tellDuration(_ step: RoleChain.Step) {
        guard let asked = step.profile.durationSeconds, let seconds = step.role.sessionSeconds,
            asked != String(seconds)
        else { return }
        let instead = Int64(asked).map { " instead of \(ShownDuration.text($0))" } ?? ""
        conversation.note(
            "sessions of the role \(step.role.name) last \(ShownDuration.text(Int64(seconds)))\(instead)")
    }

    // MARK: what is done

    /// The profile of a key that is moved in, which shall work as before; nil where there is none, or where
    /// it is one of the roles'.
    private func baseWriter() throws -> ProfileWriter? {
        guard case .plaintext(let profile, let name, _) = chain.base,
            !chain.steps.contains(where: { $0.profile.profile == profile })
        else { return nil }
        return try ProfileWriter(
            entry: name, profile: profile, region: nil, output: nil, isForced: false,
            isAgentless: isAgentless, of: files, conversation)
    }

    /// A key that was in plaintext.
    private typealias MovedKey = (profile: String, name: String, kind: ConfigKind)

    /// - Returns: what was in plaintext, and is sealed now.
    private func seal(in vault: any VaultAccess, _ acceptingRollback: Bool) throws -> MovedKey? {
        var moved: MovedKey?
        if case .plaintext(let profile, let name, let kind) = chain.base {
            let sealed = try StaticKeyMove.seal(
                profile, files[kind].read(), of: files, into: vault, acceptingRollback: acceptingRollback,
                as: name)
            guard sealed == name else {
                throw Failure(.busy, "the vault changed meanwhile", hint: "try again")
            }
            moved = (profile, name, kind)
        }
        let new = chain.steps.filter(\.isNew).map(\.role)
        guard !new.isEmpty else { return moved }
        try vault.update(acceptingRollback: acceptingRollback) { entries, changes in
            for role in new { try changes.append(.addRole, name: role.name, role: role) }
        }
        for role in new { conversation.note("added \(role.name), assumed with \(role.source)") }
        return moved
    }

    /// A plaintext key of the profile itself was of no use beside its role; now clients would take it.
    private func offerOwnKeys(
        into vault: any VaultAccess, _ consent: ProfileWriter.Consent, _ acceptingRollback: Bool
    ) throws {
        var isAgreed = false
        if case .given = consent { isAgreed = true }
        for step in chain.steps {
            try StaticKeyMove.offer(
                step.profile.profile, in: files.credentials, of: files, into: vault, isAgreed: isAgreed,
                acceptingRollback: acceptingRollback)
        }
    }

    private func remove(_ moved: MovedKey, _ vault: any VaultAccess) throws {
        let path = files[moved.kind].path
        guard try StaticKeyMove.removeIfSealed(moved.profile, as: moved.name, from: path, vault: vault) else {
            throw Failure(
                .busy, "another program changed \(path.printable), which was left as it is",
                hint: "move its key in with 'sealring import \(path.printable) --delete-source'")
        }
        conversation.note(
            "moved the plaintext key of '\(moved.profile.printable)' into the vault as \(moved.name)")
    }
}
