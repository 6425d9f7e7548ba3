package import CredentialVault
import ProgramSupport

/// What a role must be to be of use.
package enum RoleRules {
    package static func check(_ role: Role, in entries: EntryList, _ path: String) throws {
        // A source that is gone has no name; everything else of such a role may be changed.
        guard role.source.isEmpty || entries.isTaken(role.source) else {
            throw VaultError(.noSuchEntry(role.source), path: path)
        }
        if entries.role(role.source) != nil, let seconds = role.sessionSeconds, seconds > 3600 {
            throw Failure(
                .usage, "sessions of a role that is assumed with another role last at most 1h",
                hint: "use --duration 1h")
        }
    }
}
