package import AWSConfigFile
package import AWSConfigGrammar
import ProgramSupport

/// The files of the AWS CLI, and what is written into them.
package struct AWSFiles {
    package let config: ConfigFile
    package let credentials: ConfigFile
    /// What puts a profile back as it was.
    package let undo: UndoStore
    private let helper: (Helper) throws -> String

    /// The programs that a profile can name.
    enum Helper {
        /// The small one, which asks the agent.
        case credentialProcess
        /// This one, which can derive the key at each call.
        case sealring
    }

    /// The files that this user's AWS clients read.
    package static func ofUser() throws -> AWSFiles {
        try AWSFiles(
            config: ConfigFile(.config), credentials: ConfigFile(.credentials),
            undo: UndoStore(directory: Paths.stateDirectory() + "/profiles")
        ) { helper in
            switch helper {
            case .credentialProcess: try HelperProgram.sibling("sealring-credential-process")
            case .sealring: try HelperProgram.path()
            }
        }
    }

    /// - Parameter helper: the path of a program.
    init(
        config: ConfigFile, credentials: ConfigFile, undo: UndoStore,
        helper: @escaping (Helper) throws -> String
    ) {
        self.config = config
        self.credentials = credentials
        self.undo = undo
        self.helper = helper
    }

    package subscript(kind: ConfigKind) -> ConfigFile { kind == .config ? config : credentials }

    /// The command that a profile gets.
    ///
    /// - Parameter isAgentless: whether the key is derived at each call, for services that have a passphrase
    ///   file and no agent.
    func command(for name: String, isAgentless: Bool) throws -> HelperCommand {
        try isAgentless
            ? HelperCommand(path: helper(.sealring), subcommand: "credential-process", name: name)
            : HelperCommand(path: helper(.credentialProcess), name: name)
    }

    /// What the files say beside a profile's key; one that cannot be read says nothing.
    func beside(_ profile: String) -> BesideKey {
        func settings(_ file: ConfigFile) -> BesideSettings {
            (try? file.read().besideSettings(of: profile)) ?? BesideSettings()
        }
        return BesideKey(profile, settings(credentials).joined(with: settings(config)))
    }
}
