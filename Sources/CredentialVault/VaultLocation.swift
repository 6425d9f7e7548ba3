/// Where a vault and this machine's memory of it lie.
public struct VaultLocation: Sendable, Equatable {
    /// The vault file.
    public let path: String
    /// The directory of what this machine remembers: the newest state seen of each vault, and locks.
    public let stateDirectory: String

    /// A vault at `path`, which is made absolute by the caller or taken from the working directory.
    public init(path: String, stateDirectory: String) {
        self.path = path
        self.stateDirectory = stateDirectory
    }

    /// The directory of the vault file.
    package var folder: String { directory }

    var directory: String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    var name: String {
        guard let slash = path.lastIndex(of: "/") else { return path }
        return String(path[path.index(after: slash)...])
    }

    var previousName: String { name + ".prev" }
    var lockName: String { name + ".lock" }
}
