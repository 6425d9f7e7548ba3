package import CredentialVault
import DurableFiles
import Platform

/// Where things are on disk.
package enum Paths {
    /// The vault that is meant, and this machine's state.
    package static func location(vault: String?) throws -> VaultLocation {
        let path = try vault ?? Environment.value("SEALRING_VAULT") ?? defaultVault()
        return VaultLocation(path: path, stateDirectory: try stateDirectory())
    }

    /// The path from the root, by which the agent knows a vault.
    package static func absolute(_ path: String) throws -> String {
        if path.hasPrefix("/") { return path }
        guard let directory = unsafe getcwd(nil, 0) else {
            throw Failure(.inputOutput, "the working directory cannot be found: \(describe(errno: errno))")
        }
        defer { unsafe free(directory) }
        return unsafe String(cString: directory) + "/" + path
    }

    /// Whether two absolute paths name the same vault: its directory may be reached through links.
    package static func isSameVault(_ one: String, _ other: String) -> Bool {
        if one == other { return true }
        let (first, second) = (split(one), split(other))
        guard first.name == second.name, !first.name.isEmpty,
            let folder = try? FileStatus.following(first.folder).identity
        else { return false }
        return (try? FileStatus.following(second.folder).identity) == folder
    }

    private static func split(_ path: String) -> (folder: String, name: Substring) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path[...]) }
        return (String(path[...slash]), path[path.index(after: slash)...])
    }

    package static func defaultVault() throws -> String {
        try base("XDG_DATA_HOME", else: "/.local/share") + "/sealring/vault"
    }

    package static func stateDirectory() throws -> String {
        if let path = Environment.value("SEALRING_STATE_DIR") { return path }
        return try base("XDG_STATE_HOME", else: "/.local/state") + "/sealring"
    }

    package static func awsConfig() throws -> String {
        try awsFile("AWS_CONFIG_FILE") ?? home() + "/.aws/config"
    }

    package static func awsCredentials() throws -> String {
        try awsFile("AWS_SHARED_CREDENTIALS_FILE") ?? home() + "/.aws/credentials"
    }

    package static func home() throws -> String {
        guard let home = Environment.value("HOME"), home.hasPrefix("/") else {
            throw Failure(.missing, "HOME does not name a directory", hint: "set HOME, or give --vault")
        }
        return home == "/" ? "" : home
    }

    /// The XDG rules: a value that is not an absolute path counts as missing.
    private static func base(_ variable: String, else fallback: String) throws -> String {
        if let path = Environment.value(variable), path.hasPrefix("/") { return path }
        return try home() + fallback
    }

    /// The path in a variable, as the AWS CLI reads it.
    private static func awsFile(_ variable: String) throws -> String? {
        try Environment.value(variable).map { path in
            try AWSPath.expanded(path, environment: Environment.valueIfSet) {
                try AWSPath.home(of: $0, id: getuid())
            }
        }
    }
}
