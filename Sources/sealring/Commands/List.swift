import ArgumentParser
import CredentialVault
import ProgramSupport
import VaultClient

struct List: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "List entries and roles, never their secrets.",
        aliases: ["ls"])
    static let examples = [
        "sealring list",
        "sealring list --json",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let all = try global.access().entries()
        let entries = all.sorted
        let profiles = ProfileIndex.read()
        if json {
            let facts = entries.map { EntryFacts.json($0, profiles: profiles[$0.name]) }
            let roles = all.roles.map { RoleFacts.json($0, in: all, profiles: profiles[$0.name]) }
            try Console.print(
                JSONText.object([("entries", .array(facts)), ("roles", roles.isEmpty ? nil : .array(roles))])
                    .text)
        } else if entries.isEmpty, all.roles.isEmpty {
            Console.note("the vault is empty")
            Console.hint("import a key with 'sealring import accessKeys.csv'")
        } else {
            let rows = entries.map { entry in
                [
                    entry.name, entry.accessKeyID, entry.accountID ?? "-", EntryFacts.age(of: entry),
                    profiles[entry.name].joined(separator: ",").printable,
                ]
            }
            try Console.write(Table.text([["NAME", "ACCESS KEY ID", "ACCOUNT", "AGE", "PROFILES"]] + rows))
            if !all.roles.isEmpty { try Console.write("\n" + Table.text(RoleFacts.table(all, profiles))) }
        }
    }
}

struct Show: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Show the details of an entry or role, never its secrets.")
    static let examples = [
        "sealring show prod",
        "sealring show prod --json",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of an entry or role.", completion: .names)
    var name: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let vault = try global.access()
        let entries = try vault.entries()
        let profiles = ProfileIndex.read()[name]
        if let role = entries.role(name) {
            let facts = RoleFacts.all(role, in: entries, profiles: profiles)
            guard !json else {
                return try Console.print(JSONText.object(facts.map { ($0.key, $0.json) }).text)
            }
            return try Console.write(Table.text(facts.map { [$0.label, $0.text.printable] }))
        }
        guard let entry = entries[name] else {
            throw VaultError(.noSuchEntry(name), path: vault.location.path)
        }
        guard !json else { return try Console.print(EntryFacts.json(entry, profiles: profiles).text) }
        let facts = EntryFacts.all(entry, profiles: profiles)
        try Console.write(Table.text(facts.map { [$0.label, $0.text.printable] }))
    }
}

/// Columns of text, aligned with spaces.
enum Table {
    static func text(_ rows: [[String]]) -> String {
        var widths: [Int] = []
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        var output = ""
        for row in rows {
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                guard column < row.count - 1 else { break }
                line += String(repeating: " ", count: widths[column] - cell.count + 2)
            }
            while line.last == " " { line.removeLast() }
            output += line + "\n"
        }
        return output
    }
}
