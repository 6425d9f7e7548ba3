import AgentProtocol
import Platform
import SecureMemory

/// Where the programs of Sealring are.
enum ProgramDirectory {
    /// The first directory in `PATH` that has this program. Relative ones do not count, nor do those that others may
    /// write to: they could put another program there.
    static func inPath(_ program: String, of environment: EnvironmentSource) -> String? {
        guard let path = EnvironmentBytes("PATH", in: environment) else { return nil }
        var rest = path.bytes
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: ":")) ?? rest.byteCount
            if let directory = rest.extracting(first: end).text(), directory.hasPrefix("/"),
                unsafe access("\(directory)/\(program)", X_OK) == 0, isTrusted(directory)
            {
                return directory
            }
            rest = rest.extracting(droppingFirst: min(end + 1, rest.byteCount))
        }
        return nil
    }

    static func isTrusted(_ directory: String) -> Bool {
        guard let facts = MessageText(path: directory).facts() else { return false }
        return (facts.owner == 0 || facts.isOurs) && !facts.isWritableByOthers
    }
}
