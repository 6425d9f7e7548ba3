import AgentProtocol
import CredentialVault
import ProgramSupport

/// Removes entries and roles.
package struct EntryRemoval {
    /// Each once, sorted.
    let names: [String]
    /// Whether nothing is asked.
    let isForced: Bool

    package init(_ names: [String], isForced: Bool) {
        self.names = Set(names).sorted()
        self.isForced = isForced
    }

    /// - Parameter profiles: which of them name the entries.
    package func run(
        _ vault: any VaultAccess, acceptingRollback: Bool, profiles: ProfileIndex = .read()
    ) throws {
        let conversation = vault.conversation
        let entries = try vault.entries()
        for name in names where !entries.isTaken(name) {
            throw VaultError(.noSuchEntry(name), path: vault.location.path)
        }
        for name in names {
            guard let rotation = entries[name]?.rotation else { continue }
            throw Failure(
                .exists,
                "a rotation of '\(name)' is under way\(rotation.otherAccessKeyID.map { ", which holds a second key, \($0)" } ?? "")",
                hint:
                    "finish it with 'sealring rotate \(name) --resume', undo it with '--rollback', or abandon it with '--forget'"
            )
        }
        if !isForced {
            let secrets =
                names.contains { entries[$0] != nil }
                ? " AWS keeps the keys, but their secrets are gone." : ""
            try conversation.require("Remove \(names.joined(separator: ", ")) from the vault?\(secrets)")
        }
        try vault.update(acceptingRollback: acceptingRollback) { _, changes in
            for name in names { try changes.append(.remove, name: name) }
        }
        for name in names {
            conversation.note("removed \(name)")
            for place in profiles.places(of: name) {
                conversation.warn("the profile '\(place.profile.printable)' still names it")
                conversation.hint(
                    "remove it with 'sealring configure \(name) --profile \(place.profile.printable)\(place.option) --remove'"
                )
            }
        }
    }
}

/// Gives an entry or a role another name.
package enum EntryRenaming {
    package static func run(
        _ old: String, to new: String, in vault: any VaultAccess, acceptingRollback: Bool,
        profiles: ProfileIndex = .read()
    ) throws {
        try vault.update(acceptingRollback: acceptingRollback) { entries, changes in
            if old == new, entries.isTaken(old) {
                throw Failure(.usage, "'\(old)' has this name already: nothing was changed")
            }
            if var role = entries.role(old) {
                role.name = new
                return try changes.append(.editRole, name: old, role: role)
            }
            guard var entry = entries[old] else {
                throw VaultError(.noSuchEntry(old), path: vault.location.path)
            }
            entry.name = new
            try changes.append(.edit, name: old, entry: entry)
        }
        vault.conversation.note("renamed \(old.printable) to \(new)")
        profiles.warnOfRename(from: old, to: new, vault.conversation)
    }
}
