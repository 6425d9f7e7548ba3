import AWSValues
import ArgumentParser
import CredentialImport
import CredentialVault
import ProgramSupport
import SecureMemory

struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove entries and roles.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The entries' names.")
    var names: [String]

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var force = false

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
                    "end it with 'sealring rotate \(name) --resume' or '--rollback', or give it up with '--forget'"
            )
        }
        if !force {
            let secrets =
                names.contains { entries[$0] != nil }
                ? " AWS keeps the keys, but their secrets are gone." : ""
            try Confirmation.require("Remove \(names.joined(separator: ", ")) from the vault?\(secrets)")
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
                    "take it out with 'sealring configure \(name) --profile \(place.profile.printable)\(place.option) --remove'"
                )
            }
        }
    }
}

struct Rename: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give an entry or a role another name.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The entry's name.")
    var old: String

    @Argument(help: "Its new name.")
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
        ProfileIndex.read().warnOfRename(from: old, to: new)
    }
}

/// A time such as `90s`, `15m`, `1h`, `8h30m`, `1d`.
enum Duration {
    static func seconds(_ text: String, in range: ClosedRange<UInt32>) throws -> UInt32 {
        var total: UInt32 = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            let units: [Character: UInt32] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
            guard let unit = units[character], digits.count <= 6, let number = UInt32(digits) else {
                throw misuse(text)
            }
            let (product, overflow) = number.multipliedReportingOverflow(by: unit)
            guard !overflow, product <= UInt32.max - total else { throw misuse(text) }
            total += product
            digits = ""
        }
        guard digits.isEmpty, !text.isEmpty else { throw misuse(text) }
        guard range.contains(total) else {
            throw Failure(
                .usage,
                "duration '\(text.printable)' is out of range: use \(words(range.lowerBound)) to \(words(range.upperBound))"
            )
        }
        return total
    }

    /// As a person writes it: in the largest unit that it is a multiple of; one day is 24 hours.
    static func words(_ seconds: UInt32) -> String {
        for (unit, size) in [("d", 86_400), ("h", 3600), ("m", 60)] as [(String, UInt32)]
        where seconds >= size && seconds.isMultiple(of: size) && (unit != "d" || seconds > size) {
            return "\(seconds / size)\(unit)"
        }
        return "\(seconds)s"
    }

    private static func misuse(_ text: String) -> Failure {
        Failure(
            .usage,
            "invalid duration '\(String(text.prefix(100)).printable)': use a unit, such as 15m, 1h or 8h")
    }
}

/// A question that has to be answered with yes.
enum Confirmation {
    static func ask(_ question: String) throws -> Bool {
        guard let terminal = Terminal() else {
            throw Failure(.usage, "no terminal to confirm on", hint: "give --force to go on without asking")
        }
        return try terminal.confirm(question)
    }

    static func require(_ question: String) throws {
        guard try ask(question) else { throw Failure(.usage, "not confirmed: nothing was changed") }
    }
}

/// The names that entries can have.
enum EntryName {
    static func check(_ name: String) throws {
        guard unsafe TextRules.check(name, TextRules.isName) else {
            throw Failure(
                .usage, "invalid entry name '\(String(name.prefix(200)).printable)'",
                hint: "start with a letter, then use letters, digits and ._@+/-, up to 128 characters")
        }
    }
}
