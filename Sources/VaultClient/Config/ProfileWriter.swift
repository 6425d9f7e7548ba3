package import AWSConfigFile
package import AWSConfigGrammar
import CredentialVault
package import ProgramSupport

/// Writes a profile into `~/.aws/config` or `~/.aws/credentials`: shown as a diff first, and asked.
package struct ProfileWriter {
    package let file: ConfigFile
    private let files: AWSFiles
    package let name: ProfileName
    package let entry: String
    package let settings: ProfileSettings
    /// Whether another program's `credential_process` may be replaced.
    package let isForced: Bool
    private let conversation: any Conversation

    /// - Parameters:
    ///   - kind: the file that gets the profile.
    ///   - isAgentless: as with ``AWSFiles/command(for:isAgentless:)``.
    package init(
        entry: String, profile: String, region: String?, output: String?, isForced: Bool, isAgentless: Bool,
        in kind: ConfigKind = .config, of files: AWSFiles, _ conversation: any Conversation
    ) throws {
        self.files = files
        file = files[kind]
        self.conversation = conversation
        do {
            name = try ProfileName(profile)
            let command = try files.command(for: entry, isAgentless: isAgentless)
            settings = try ProfileSettings(credentialProcess: command, region: region, output: output)
        } catch let error as AWSConfigError {
            throw Failure(error, path: nil)
        }
        self.entry = entry
        self.isForced = isForced
    }

    /// What a person decides before the file is written.
    package enum Consent {
        /// It was given on the command line.
        case given
        /// The terminal is asked; without one it is an error.
        case asked
        /// The change is only shown.
        case dryRun
    }

    /// What would be written, which is shown; nil when it stands there already.
    package func preview() throws(AWSConfigError) -> ConfigFile.Outcome? {
        let preview = try file.configure(
            name, settings, replacingForeignProcess: isForced, undo: files.undo, dryRun: true)
        return preview.isChanged ? preview : nil
    }

    /// What would be written once the plaintext keys of the profile itself are gone; nil when it is written
    /// already.
    package func previewWithoutOwnKeys() throws -> ConfigFile.Outcome? {
        do {
            let preview: ConfigFile.Outcome
            if hasOwnKeys {
                preview = try file.update(dryRun: true) { (document, _) throws(AWSConfigError) in
                    try document.requireReadable()
                    guard let removal = try document.removeStaticKeys(of: name.text) else { return nil }
                    return try removal.document.configure(
                        name, settings, replacingForeignProcess: isForced)
                }
            } else {
                preview = try file.configure(
                    name, settings, replacingForeignProcess: isForced, undo: files.undo, dryRun: true)
            }
            guard preview.isChanged else { return nil }
            if let obstacle = preview.obstacle { throw obstacle }
            return preview
        } catch let error as AWSConfigError {
            throw failure(error)
        }
    }

    /// Shows what all of them would write into their file.
    static func showTogether(_ writers: [ProfileWriter], _ conversation: any Conversation) throws {
        guard let first = writers.first else { return }
        let parts: [ConfigFile.Part] = writers.flatMap { writer in
            [
                .removeKey(of: writer.name.text),
                .configure(writer.name, writer.settings, replacingForeignProcess: writer.isForced),
            ]
        }
        do { show(try first.file.preview(parts, undo: first.files.undo), conversation) } catch {
            throw first.failure(error)
        }
    }

    /// Writes what ``previewWithoutOwnKeys()`` told.
    func writePreviewed() throws {
        do { try write() } catch { throw failure(error) }
    }

    /// The command that writes the profile of an entry.
    package static func command(entry: String, profile: String) -> String {
        let command = "sealring configure \(entry.printable)"
        guard !same(profile, entry) else { return command }
        // Another name than the profile's own is needed where a header for that cannot be written.
        guard (try? ProfileName(profile).isPlain) ?? false else { return "\(command) --profile NAME" }
        return "\(command) --profile \(profile.printable)"
    }

    /// Writes what ``preview()`` told.
    package func write() throws(AWSConfigError) {
        _ = try file.configure(name, settings, replacingForeignProcess: isForced, undo: files.undo)
        conversation.note("wrote the profile '\(name.text.printable)' into \(file.path.printable)")
    }

    /// - Returns: whether the profile is as asked when it returns.
    package func write(_ consent: Consent) throws -> Bool {
        do {
            let preview = try file.configure(
                name, settings, replacingForeignProcess: isForced, undo: files.undo, dryRun: true)
            Self.warn(preview, conversation)
            warnOfUnreadName()
            guard preview.isChanged else {
                conversation.note("the profile '\(name.text.printable)' is already configured")
                return true
            }
            Self.show(preview, conversation)
            if case .dryRun = consent {
                try tellLines(preview)
                return false
            }
            if let obstacle = preview.obstacle { throw failure(obstacle) }
            if case .asked = consent {
                guard try conversation.ask("Write this into \(file.path.printable)?") else { return false }
            }
            try write()
            return true
        } catch let error as AWSConfigError {
            throw failure(error)
        }
    }

    /// The failure, with a cure that names the entry.
    private func failure(_ error: AWSConfigError) -> Failure {
        let failure = Failure(error, path: file.path)
        guard case .managedElsewhere = error else { return failure }
        let command = Self.command(entry: entry, profile: name.text)
        return Failure(
            failure.code, failure.message,
            hint: "give that tool the lines that '\(command) --dry-run' prints")
    }

    /// Where the file cannot be written, its lines are the answer: they are added by whatever manages it.
    private func tellLines(_ preview: ConfigFile.Outcome) throws {
        guard case .managedElsewhere(let path, _)? = preview.obstacle else { return }
        conversation.note("another tool manages \(path.printable): give it these lines")
        let added = preview.diff.filter { $0.kind == .added && !$0.text.isEmpty }.map(\.text)
        try conversation.answer(added.joined(separator: "\n"))
    }

    private func warnOfUnreadName() {
        let characters = name.unreadCharacters
        guard !characters.isEmpty else { return }
        let shown = characters.map { "'\($0)'" }.joined(separator: ", ")
        conversation.warn(
            "pyarrow and mountpoint-s3 do not find a profile whose name has \(shown): '\(name.text.printable)'"
        )
        conversation.hint("if you need them, choose another name with --profile: letters, digits, - and _")
    }

    /// Whether plaintext keys stand in the profile itself; a file that cannot be read is told of later.
    package var hasOwnKeys: Bool { (try? StaticKeyMove.isNeeded(name.text, in: file)) ?? false }

    /// Offers to move plaintext keys out of the file that gets the profile: beside them it cannot be written.
    ///
    /// - Parameter isAgreed: as with ``offerStaticKeys(into:isAgreed:acceptingRollback:)``.
    package func clearOwnFile(into vault: any VaultAccess, isAgreed: Bool, acceptingRollback: Bool) throws {
        do {
            try StaticKeyMove.offer(
                name.text, in: file, of: files, into: vault, isAgreed: isAgreed,
                acceptingRollback: acceptingRollback)
        } catch let error as AWSConfigError {
            throw failure(error)
        }
    }

    /// Offers to move plaintext keys of the same name in, which silently win over the profile.
    ///
    /// - Parameter isAgreed: whether the person has agreed on the command line; else the terminal is asked.
    package func offerStaticKeys(into vault: any VaultAccess, isAgreed: Bool, acceptingRollback: Bool) throws
    {
        guard file.kind == .config else { return }
        let credentials = files.credentials
        do {
            Self.warnOfOtherSource(name.text, than: entry, in: credentials, conversation)
            try StaticKeyMove.offer(
                name.text, in: credentials, of: files, into: vault, isAgreed: isAgreed,
                acceptingRollback: acceptingRollback)
        } catch let error as AWSConfigError {
            // The profile is written; what cannot be read here does not undo that.
            let failure = Failure(error, path: credentials.path)
            conversation.warn("could not search for plaintext keys: \(failure.message)")
            if let hint = failure.hint { conversation.hint(hint) }
        }
    }

    /// A file that cannot be read is told of where its keys are looked for.
    static func warnOfOtherSource(
        _ profile: String, than entry: String, in credentials: ConfigFile, _ conversation: any Conversation
    ) {
        guard let other = try? credentials.read().otherSource(of: profile, than: entry) else { return }
        conversation.warn(
            "\(credentials.path.printable) has \(other.name) under '\(profile.printable)' (line \(other.line)), which AWS clients use instead"
        )
        conversation.hint("remove the setting there")
    }

    package static func show(_ outcome: ConfigFile.Outcome, _ conversation: any Conversation) {
        conversation.show("--- \(outcome.path.printable)\n+++ \(outcome.path.printable)")
        for line in outcome.diff { conversation.show(line.description) }
        if outcome.diff.contains(where: { $0.kind == .context && $0.hidesText }) {
            conversation.note("<REDACTED> hides text that may be secret; the file keeps it as it is")
        }
    }

    package static func warn(_ outcome: ConfigFile.Outcome, _ conversation: any Conversation) {
        for warning in outcome.warnings { conversation.warn("\(outcome.path.printable): \(warning.message)") }
    }
}

extension ConfigFile {
    /// The file of this kind that AWS clients read.
    package init(_ kind: ConfigKind) throws {
        self.init(path: kind == .config ? try Paths.awsConfig() : try Paths.awsCredentials(), kind: kind)
    }
}

extension Failure {
    package init(_ error: AWSConfigError, path: String?) {
        if case .file(let error) = error {
            self.init(error)
            return
        }
        let place = path.map { "\($0.printable): " } ?? ""
        let code: Code =
            switch error {
            case .staticKeys, .otherSource, .foreignProcess: .exists
            case .changedMeanwhile: .busy
            case .readBackDiffers: .inputOutput
            case .managedElsewhere: .notPermitted
            case .danglingLink: .missing
            case .invalidEntryName, .invalidOutput, .invalidProfileName, .invalidRegion, .invalidHelperPath:
                .usage
            default: .malformed
            }
        if case .invalidHelperPath(let helper, _) = error {
            let folder = helper.prefix(through: helper.lastIndex(of: "/") ?? helper.startIndex)
            let programs = ["sealring", "sealring-credential-process"].map {
                (folder + $0).shellQuoted.printable
            }
            self.init(
                code, error.description,
                hint:
                    "link the programs into another directory and run sealring from there: ln -s \(programs.joined(separator: " ")) /usr/local/bin/"
            )
            return
        }
        // The error of a place names it itself.
        if case .managedElsewhere = error {
            self.init(code, error.description, hint: error.hint)
            return
        }
        self.init(code, place + error.description, hint: error.hint)
    }
}
