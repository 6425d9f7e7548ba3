package import AWSConfigFile
import AWSConfigGrammar
import AWSValues
import CredentialImport
import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory
import VaultCrypto

/// Plaintext keys under a profile's name in `~/.aws`, which most AWS clients take instead of ours.
package enum StaticKeyMove {
    /// Whether the profile has plaintext keys, which silently win over `credential_process`.
    package static func isNeeded(_ profile: String, in file: ConfigFile) throws -> Bool {
        do {
            return try file.read().staticKeys(of: profile) != nil
        } catch AWSConfigError.file(.missing) {
            return false
        }
    }

    /// Warns of plaintext keys that win over the profile, and offers to move them into the vault: sealed
    /// first, under a name of their own unless the vault has them already, and only then removed.
    ///
    /// - Parameter isAgreed: whether the person has agreed on the command line; else the terminal is asked.
    package static func offer(
        _ profile: String, in file: ConfigFile, of files: AWSFiles, into vault: any VaultAccess,
        isAgreed: Bool, acceptingRollback: Bool
    ) throws {
        let path = file.path.printable
        guard try isNeeded(profile, in: file) else { return }
        vault.conversation.warn(
            "\(path) has a plaintext key under '\(profile.printable)', which most SDKs use instead of the vault"
        )
        guard isAgreed || vault.conversation.canAsk else {
            vault.conversation.hint("move it into the vault with 'sealring import \(path) --delete-source'")
            return
        }
        let known = try known(profile, file.read(), in: vault)
        let question =
            known.map { "The vault holds this key as '\($0)'. Remove it from \(path)?" }
            ?? "Move it into the vault?"
        guard try isAgreed || vault.conversation.ask(question) else { return }
        let name = try seal(
            profile, file.read(), of: files, into: vault, acceptingRollback: acceptingRollback,
            as: freeName(
                for: "\(String(EntryName.cleaned(profile).prefix(100)))-credentials", in: vault.entries()))
        guard try removeIfSealed(profile, as: name, from: file.path, vault: vault) else {
            throw Failure(
                .busy, "another program changed \(path), which was left as it is", hint: "try again")
        }
        vault.conversation.note(
            known == nil
                ? "moved the plaintext key of '\(profile.printable)' into the vault as \(name)"
                : "removed the plaintext key of '\(profile.printable)' from \(path): the vault has it as \(name)"
        )
    }

    /// The entry that holds the same key already, or nil.
    ///
    /// - Throws: when the profile has no whole key.
    package static func known(
        _ profile: String, _ document: borrowing ConfigDocument, in vault: any VaultAccess
    ) throws -> String? {
        let id = try identifier(profile, document)
        guard let known = try vault.entries().sorted.first(where: { $0.accessKeyID == id }),
            try holdsSame(profile, as: known.name, in: document, vault)
        else { return nil }
        return known.name
    }

    private static func identifier(
        _ profile: String, _ document: borrowing ConfigDocument
    ) throws -> String {
        guard let keys = try document.staticKeys(of: profile), keys.secretAccessKey != nil,
            let id = document.accessKeyID(of: keys), AccessKeyID.classify(id) != nil
        else {
            throw Failure(
                .malformed, "the plaintext key of '\(profile.printable)' is incomplete",
                hint: "complete or remove its lines")
        }
        return id
    }

    /// - Parameter name: what a new entry is called.
    /// - Returns: the name of the entry that holds the key.
    package static func seal(
        _ profile: String, _ document: borrowing ConfigDocument, of files: AWSFiles,
        into vault: any VaultAccess,
        acceptingRollback: Bool, as name: String
    ) throws -> String {
        let beside = files.beside(profile)
        if let known = try known(profile, document, in: vault) {
            beside.tell(of: try vault.entry(named: known), vault.conversation)
            return known
        }
        let key = try checked(profile, document)
        let secret = try document.secret(in: key.secretAccessKey)
        var entry = Entry(name: name, accessKeyID: key.accessKeyID)
        entry.accountID = key.accountID
        entry.expiration = key.expiration
        entry.source = document.kind == .config ? "ini: config" : "ini: credentials"
        beside.apply(to: &entry, isTemporary: key.sessionToken != nil)
        let token = try key.sessionToken.map { try document.secret(in: $0) }
        let new = entry
        try vault.update(acceptingRollback: acceptingRollback) { _, changes in
            try changes.add(new, secretAccessKey: secret, sessionToken: token)
        }
        beside.tell(of: new, vault.conversation)
        return entry.name
    }

    /// The key as `import` reads it, with the same checks.
    private static func checked(
        _ profile: String, _ document: borrowing ConfigDocument
    ) throws -> ImportedKey {
        func isOurs(_ name: String?) -> Bool { name.map { same($0, profile) } ?? false }
        let copy = try document.secret(in: 0..<document.count)
        let read: ImportDocument
        do {
            read = try ImportDocument.parse(copy, fileName: nil, settings: document.kind)
        } catch {
            throw Failure(error, nil)
        }
        if let key = read.keys.first(where: { isOurs($0.profile) }) { return key }
        let problem = read.problems.first { isOurs($0.profile) }
        throw Failure(
            .malformed,
            problem.map { "line \($0.line): \($0.reason)" }
                ?? "the plaintext key of '\(profile.printable)' is incomplete",
            hint: "fix or remove its lines")
    }

    static func freeName(for base: String, in entries: EntryList) -> String {
        guard entries.isTaken(base) else { return base }
        let numbered = (2...4097).lazy.map { "\(base)-\($0)" }
        for name in numbered where !entries.isTaken(name) { return name }
        return base
    }

    /// - Returns: false when the file has no such profile, or another key in it, and nothing was removed.
    static func removeIfSealed(
        _ profile: String, as entry: String, from path: String, vault: any VaultAccess
    ) throws -> Bool {
        // A profile is named `[profile NAME]` in a config file and `[NAME]` in a credentials file, and a copy
        // of either may have any name.
        for kind in [ConfigKind.credentials, .config] {
            do {
                let outcome = try ConfigFile(path: path, kind: kind).update {
                    (document, _) throws(AWSConfigError) in
                    guard try holdsSame(profile, as: entry, in: document, vault) else { return nil }
                    return try document.removeStaticKeys(of: profile)
                }
                if outcome.isChanged { return true }
            } catch { throw Failure(error, path: path) }
        }
        return false
    }

    private static func holdsSame(
        _ profile: String, as entry: String, in document: borrowing ConfigDocument, _ vault: any VaultAccess
    ) throws(AWSConfigError) -> Bool {
        guard let keys = try document.staticKeys(of: profile), let range = keys.secretAccessKey,
            let known = try? vault.entries()[entry],
            document.accessKeyID(of: keys) == known.accessKeyID
        else { return false }
        let secret = try document.secret(in: range)
        let token: SecretBytes? =
            switch keys.sessionToken {
            case .some(let range): try document.secret(in: range)
            case .none: nil
            }
        let isSame = try? unsafe secret.withUnsafeBytes { secret in
            switch token {
            case .some(let token):
                try unsafe token.withUnsafeBytes { try unsafe vault.holds(entry, secret, $0) }
            case .none: try unsafe vault.holds(entry, secret, nil)
            }
        }
        return isSame ?? false
    }
}
