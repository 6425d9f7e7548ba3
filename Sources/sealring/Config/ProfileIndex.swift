import AWSConfigFile
import AWSConfigGrammar
import ProgramSupport

/// Which profiles of `~/.aws/config` name which entries.
struct ProfileIndex {
    private var profilesByEntry: [String: [String]] = [:]

    /// Reads the file; one that cannot be read has no profiles, since it keeps nobody from the vault.
    static func read() -> ProfileIndex {
        var index = ProfileIndex()
        guard let path = try? Paths.awsConfig(),
            let document = try? ConfigFile(path: path, kind: .config).read()
        else { return index }
        for (profile, entry) in document.sealringProfiles {
            index.profilesByEntry[entry, default: []].append(profile)
        }
        return index
    }

    subscript(_ entry: String) -> [String] { profilesByEntry[entry] ?? [] }
}
