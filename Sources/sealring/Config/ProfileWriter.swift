import AWSConfigFile
import AWSConfigGrammar
import CredentialVault
import ProgramSupport

/// Writes a profile into `~/.aws/config`: shown as a diff first, and asked.
struct ProfileWriter {
    let file: ConfigFile
    let undo: UndoStore
    let name: ProfileName
    let settings: ProfileSettings
    /// Whether another program's `credential_process` may be replaced.
    let isForced: Bool

    /// - Parameter isAgentless: whether the profile derives the key at each call, for services that have a
    ///   passphrase file and no agent.
    init(
        entry: String, profile: String, region: String?, output: String?, isForced: Bool, isAgentless: Bool
    ) throws {
        do {
            file = ConfigFile(path: try Paths.awsConfig(), kind: .config)
            undo = UndoStore(directory: try Paths.stateDirectory() + "/profiles")
            name = try ProfileName(profile)
            let command =
                try isAgentless
                ? HelperCommand(path: HelperProgram.path(), subcommand: "credential-process", name: entry)
                : HelperCommand(path: HelperProgram.sibling("sealring-credential-process"), name: entry)
            settings = try ProfileSettings(credentialProcess: command, region: region, output: output)
        } catch let error as AWSConfigError {
            throw Failure(error, path: nil)
        }
        self.isForced = isForced
    }

    /// What a person decides before the file is written.
    enum Consent {
        /// It was given on the command line.
        case given
        /// The terminal is asked; without one it is an error.
        case asked
        /// The change is only shown.
        case dryRun
    }

    /// What would be written, which is shown; nil when it stands there already.
    func preview() throws(AWSConfigError) -> ConfigFile.Outcome? {
        let preview = try file.configure(
            name, settings, replacingForeignProcess: isForced, undo: undo, dryRun: true)
        return preview.isChanged ? preview : nil
    }

    /// Writes what ``preview()`` told.
    func write() throws(AWSConfigError) {
        _ = try file.configure(name, settings, replacingForeignProcess: isForced, undo: undo)
        Console.note("wrote the profile '\(name.text.printable)' into \(file.path.printable)")
    }

    /// - Returns: whether the profile is as asked when it returns.
    func write(_ consent: Consent) throws -> Bool {
        do {
            let preview = try file.configure(
                name, settings, replacingForeignProcess: isForced, undo: undo, dryRun: true)
            Self.warn(preview)
            guard preview.isChanged else {
                Console.note("the profile '\(name.text.printable)' is configured already")
                return true
            }
            Self.show(preview)
            if case .dryRun = consent { return false }
            if case .asked = consent {
                guard try Confirmation.ask("Write this into \(file.path.printable)?") else { return false }
            }
            try write()
            return true
        } catch let error as AWSConfigError {
            throw Failure(error, path: file.path)
        }
    }

    /// Offers to move plaintext keys of the same name in, which silently win over the profile.
    func offerStaticKeys(into vault: any VaultAccess, isAgreed: Bool, acceptingRollback: Bool) throws {
        let credentials = ConfigFile(path: try Paths.awsCredentials(), kind: .credentials)
        do {
            Self.warnOfOtherSource(name.text, in: credentials)
            try StaticKeyMove.offer(
                name.text, in: credentials, into: vault, isAgreed: isAgreed,
                acceptingRollback: acceptingRollback)
        } catch let error as AWSConfigError {
            // The profile is written; what cannot be read here does not undo that.
            let failure = Failure(error, path: credentials.path)
            Console.warn("not searched for plaintext keys: \(failure.message)")
            if let hint = failure.hint { Console.hint(hint) }
        }
    }

    /// A file that cannot be read is told of where its keys are looked for.
    static func warnOfOtherSource(_ profile: String, in credentials: ConfigFile) {
        guard let other = try? credentials.read().otherSource(of: profile) else { return }
        Console.warn(
            "\(credentials.path.printable) has \(other.name) under '\(profile.printable)' (line \(other.line)), which AWS clients take instead"
        )
        Console.hint("remove the setting there")
    }

    static func show(_ outcome: ConfigFile.Outcome) {
        Console.error("--- \(outcome.path.printable)\n+++ \(outcome.path.printable)")
        for line in outcome.diff { Console.error(line.description) }
    }

    static func warn(_ outcome: ConfigFile.Outcome) {
        for warning in outcome.warnings { Console.warn("\(outcome.path.printable): \(warning.message)") }
    }
}

extension Failure {
    init(_ error: AWSConfigError, path: String?) {
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
            case .danglingLink: .missing
            case .invalidEntryName, .invalidOutput, .invalidProfileName, .invalidRegion, .invalidHelperPath:
                .usage
            default: .malformed
            }
        self.init(code, place + (error.message ?? "it cannot be edited"), hint: error.cure)
    }
}
