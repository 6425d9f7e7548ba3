import AgentProtocol
import Platform

/// Where programs and files are.
enum ProgramDirectory {
    /// The first directory in `PATH` that has this program. Relative ones do not count, nor do those that others may
    /// write to: they could put another program there.
    static func inPath(_ program: String) -> String? {
        guard let path = unsafe getenv("PATH") else { return nil }
        return unsafe String(cString: path).split(separator: ":").map(String.init).first { directory in
            unsafe directory.hasPrefix("/") && access("\(directory)/\(program)", X_OK) == 0
                && isTrusted(directory)
        }
    }

    static func isTrusted(_ directory: String) -> Bool {
        guard let facts = MessageText(path: directory).facts() else { return false }
        return (facts.owner == 0 || facts.isOurs) && !facts.isWritableByOthers
    }

    /// The path from the root, by which the agent knows a vault.
    static func absolute(_ path: String) -> String {
        guard !path.hasPrefix("/"), let directory = unsafe getcwd(nil, 0) else { return path }
        defer { unsafe free(directory) }
        return unsafe String(cString: directory) + "/" + path
    }
}
