import AWSConfigFile
import AWSConfigGrammar
import AWSRequests
import AWSValues
import AgentProtocol
import DurableFiles
import ProgramSupport
import SecureMemory

/// The private AWS files of a program: a copy of the user's config without any key in it, in which one profile leads to
/// the vault, and a credentials file with that profile alone.
///
/// They lie in a folder that is named by what is in them: the next program with the same files uses them again.
struct ExecFiles {
    let config: String
    let credentials: String

    /// Writes them, where they are not there already.
    static func write(_ name: String, _ files: AWSFiles, _ conversation: any Conversation) throws -> ExecFiles
    {
        do {
            let profile = try ProfileName(name)
            let setting = "credential_process = \(try files.command(for: name, isAgentless: false).text)"
            let config = try copy(of: profile, setting, in: files.config, conversation)
            return try write(config, profile.header(in: .credentials) + "\n\(setting)\n")
        } catch let error as AWSConfigError { throw Failure(error, path: nil) }
    }

    private static func copy(
        of profile: ProfileName, _ setting: String, in file: ConfigFile, _ conversation: any Conversation
    ) throws -> SecretBytes {
        let header = try profile.header(in: .config)
        do {
            return try file.read().privateCopy(of: profile.text, header: header, setting: setting)
        } catch {
            guard case .unreadable = error else { throw Failure(error, path: file.path) }
            conversation.warn("\(file.path.printable) is left out, since AWS clients cannot read it")
            let text = "\(header)\n\(setting)\n".utf8
            return try SecretBytes(copying: unsafe text.span.bytes)
        }
    }

    private static func write(_ config: borrowing SecretBytes, _ credentials: String) throws -> ExecFiles {
        let text = credentials.utf8
        let digests = Hex.digest(config.bytes) + Hex.digest(unsafe text.span.bytes)
        let both = digests.utf8
        let path = try base() + "/exec/" + Hex.digest(unsafe both.span.bytes).prefix(32)
        do {
            try Directory.make(path)
            let folder = try Directory(path)
            // Another program may be about to write the same.
            let lock = try FileLock(".lock", in: folder, seconds: 10)
            defer { extendLifetime(lock) }
            try write(config.bytes, "config", in: folder)
            try write(unsafe text.span.bytes, "credentials", in: folder)
        } catch let error as FileError { throw Failure(error) }
        return ExecFiles(config: path + "/config", credentials: path + "/credentials")
    }

    private static func write(_ bytes: RawSpan, _ name: String, in folder: borrowing Directory) throws {
        if try folder.status(of: name) != nil {
            let present = try folder.open(name).readAll(limit: ConfigDocument.sizeLimit + 4096)
            if present.bytes.isSame(as: bytes) { return }
        }
        let copy = try SecretBytes(copying: bytes)
        try Replacement(name: name, isSynced: false).write(
            in: folder, fill: { try $0.write(copy.bytes) }, verify: { _ in })
    }

    /// Where the agent's socket usually is, which no reboot keeps where the system has such a directory.
    private static func base() throws -> String {
        guard Environment.value("SEALRING_AGENT_SOCKET") == nil, let address = try? AgentAddress(),
            let slash = address.path.lastIndex(of: "/")
        else { return try Paths.absolute(Paths.stateDirectory()) }
        return String(address.path[..<slash])
    }
}
