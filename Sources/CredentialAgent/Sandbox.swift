import CSandbox
package import CredentialVault
import DurableFiles
import Platform
import SecureMemory

/// What the agent gives up before the first secret. What the system lacks is told, and never passed over.
package enum Sandbox {
    package typealias Protection = (name: String, state: String)

    /// What the process does to itself at its very start.
    package static func harden() -> [Protection] {
        let refused = Dictionary(
            ProcessHardening.apply().map { ($0.call, describe(errno: $0.code)) },
            uniquingKeysWith: { first, _ in first })
        let privileges = sandbox_forbid_new_privileges() == 0
        return [
            ("core_dumps", refused["setrlimit"].map { "on: \($0)" } ?? "off"),
            ("dumpable", refused["prctl"].map { "yes: \($0)" } ?? "no"),
            ("crash_handlers", refused["signal"].map { "not off: \($0)" } ?? "off"),
            ("new_privileges", privileges ? "off" : "on: \(describe(errno: errno))"),
            ("hidden_memory", SecretPages.preferHidden() ? "memfd_secret" : "no: \(describe(errno: errno))"),
        ]
    }

    /// The folders of the state directory that the agent writes. What else is there is not its own: a record of
    /// how a profile was before becomes a `credential_process` at the next `configure --remove`.
    package static func writableFolders(_ location: VaultLocation) -> [String] {
        ["vaults", "sessions"].map { location.stateDirectory + "/" + $0 }
    }

    /// Closes the file system but for the vault's directory (to read), the agent's folders of the state (to
    /// write), and the places of its socket and of its registration (to remove them).
    package static func restrictFiles(_ location: VaultLocation, socketDirectory: String) -> Protection {
        let version = sandbox_landlock_version()
        guard version > 0 else { return ("landlock", "no: \(describe(errno: errno))") }
        let ruleset = sandbox_landlock_create(version)
        guard ruleset >= 0 else { return ("landlock", "no: \(describe(errno: errno))") }
        var rules = [(location.folder, sandbox_read_rights())]
        var optional = writableFolders(location).map { ($0, sandbox_write_rights(version)) }
        optional.append((location.stateDirectory + "/agents", sandbox_remove_rights()))
        // What is not there cannot be written either.
        rules += optional.filter { FileStatus.of($0.0) != nil }
        // A right holds for all that is below: a socket above the vault stays when the agent ends.
        if ![location.folder, location.stateDirectory].contains(where: { isSame($0, or: socketDirectory) }) {
            rules.append((socketDirectory, sandbox_remove_rights()))
        }
        for (path, rights) in rules {
            guard unsafe sandbox_landlock_allow(ruleset, path, rights) == 0 else {
                let code = errno
                close(ruleset)
                return ("landlock", "no: \(describe(errno: code))")
            }
        }
        guard sandbox_landlock_enforce(ruleset) == 0 else {
            return ("landlock", "no: \(describe(errno: errno))")
        }
        return ("landlock", "version \(version)")
    }

    private static func isSame(_ path: String, or above: String) -> Bool {
        (path + "/").hasPrefix(above + "/")
    }

    /// Leaves the system calls that the agent makes in its steady state, and no others.
    package static func restrictCalls() -> Protection {
        sandbox_filter_calls() == 0 ? ("seccomp", "on") : ("seccomp", "no: \(describe(errno: errno))")
    }
}
