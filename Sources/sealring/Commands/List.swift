import ArgumentParser
import CredentialVault
import ProgramSupport

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the entries: names, key ids, accounts, ages, profiles; never a secret.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let entries = try global.access().entries().sorted
        let profiles = ProfileIndex.read()
        if json {
            let facts = entries.map { EntryFacts.json($0, profiles: profiles[$0.name]) }
            try Console.print(JSONText.object([("entries", .array(facts))]).text)
        } else if entries.isEmpty {
            Console.note("the vault is empty")
            Console.hint("put a key in with 'sealring import accessKeys.csv'")
        } else {
            let rows = entries.map { entry in
                [
                    entry.name, entry.accessKeyID, entry.accountID ?? "-", EntryFacts.age(of: entry),
                    profiles[entry.name].joined(separator: ",").printable,
                ]
            }
            try Console.write(Table.text([["NAME", "ACCESS KEY ID", "ACCOUNT", "AGE", "PROFILES"]] + rows))
        }
    }
}

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what is known of an entry; never its secret.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The entry's name.")
    var name: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let entry = try global.access().entry(named: name)
        let profiles = ProfileIndex.read()[name]
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
