import AWSValues
import ArgumentParser
import CredentialVault
import ProgramSupport
import VaultClient

struct Remove: CommandWithExamples, ConfirmingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove entries and roles.", aliases: ["rm"])
    static let examples = [
        "sealring remove old-ci",
        "sealring remove --yes old-ci older-ci",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Names of entries or roles.")
    var names: [String]

    @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    func run() throws {
        let vault = try global.access()
        let names = Set(self.names).sorted()
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
        if !force {
            let secrets =
                names.contains { entries[$0] != nil }
                ? " AWS keeps the keys, but their secrets are gone." : ""
            try conversation.require("Remove \(names.joined(separator: ", ")) from the vault?\(secrets)")
        }
        try vault.update(acceptingRollback: global.acceptRollback) { _, changes in
            for name in names { try changes.append(.remove, name: name) }
        }
        let profiles = ProfileIndex.read()
        for name in names {
            Console.note("removed \(name)")
            for place in profiles.places(of: name) {
                Console.warn("the profile '\(place.profile.printable)' still names it")
                Console.hint(
                    "remove it with 'sealring configure \(name) --profile \(place.profile.printable)\(place.option) --remove'"
                )
            }
        }
    }
}

struct Rename: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Rename an entry or role.", aliases: ["mv"])
    static let examples = [
        "sealring rename prod production",
        "sealring rename admin prod/admin",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of the entry.")
    var old: String

    @Argument(help: "New name.")
    var new: String

    func run() throws {
        let (old, new) = (self.old, self.new)
        try EntryName.check(new)
        let vault = try global.access()
        try vault.update(acceptingRollback: global.acceptRollback) { entries, changes in
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
        Console.note("renamed \(old.printable) to \(new)")
        ProfileIndex.read().warnOfRename(from: old, to: new, conversation)
    }
}
