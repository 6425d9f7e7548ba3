import ArgumentParser
import CredentialVault
import Platform
import VaultClient

struct Age: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Show how old the keys are and when each was last used.",
        discussion: """
            Each key asks AWS for its own last use, and the answer is saved. --offline shows the saved answers.
            """)
    static let examples = [
        "sealring age",
        "sealring age --offline --max-age 180d --json",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Flag(help: "Do not ask AWS.")
    var offline = false

    @Option(help: ArgumentHelp("Warn about keys older than this (1h to 3650d).", valueName: "duration"))
    var maxAge = "90d"

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let limit = Int64(try DurationText.seconds(maxAge, in: 3600...315_360_000))
        let ages = try KeyAges(global.client(), olderThan: limit, asking: offline ? nil : mfa.code)
        try json ? Console.print(Self.json(ages).text) : show(ages)
        if let unsaved = ages.unsaved { throw unsaved }
    }

    private static func json(_ ages: KeyAges) -> JSONText {
        let facts = ages.keys.map { key in
            JSONText.object([
                ("name", .string(key.entry.name)), ("access_key_id", .string(key.entry.accessKeyID)),
                ("age_days", .number(key.age / 86_400)),
                ("created_at", key.entry.createdAt.map { .string(EntryFacts.time($0)) }),
                ("sealed_at", .string(EntryFacts.time(key.entry.sealedAt))),
                ("last_used_at", key.entry.lastUsedAt.map { .string(EntryFacts.time($0)) }),
                ("last_used_asked_at", key.entry.lastUsedAskedAt.map { .string(EntryFacts.time($0)) }),
                ("is_old", .boolean(key.isOld)),
            ])
        }
        return .object([("keys", .array(facts))])
    }

    private func show(_ ages: KeyAges) throws {
        let table = ages.keys.map { key in
            [
                key.entry.name, key.entry.accessKeyID,
                EntryFacts.age(of: key.entry), Self.use(key.entry),
            ]
        }
        try Console.write(Table.text([["NAME", "ACCESS KEY ID", "AGE", "LAST USED"]] + table))
        for key in ages.keys where key.isOld {
            let days = key.age / 86_400
            Console.warn("\(key.entry.name) is \(days) \(days == 1 ? "day" : "days") old")
            Console.hint("replace it with 'sealring rotate \(key.entry.name)'")
        }
        let plain = ages.keys.filter { $0.entry.serve == .key }
        if let first = plain.first {
            let serve =
                plain.count == 1
                ? "\(first.entry.name) serves the key itself" : "\(plain.count) entries serve the key itself"
            Console.hint(
                "\(serve): for credentials that expire, use 'sealring set \(first.entry.name) --serve session'"
            )
        }
    }

    private static func use(_ entry: Entry) -> String {
        guard let asked = entry.lastUsedAskedAt else { return "-" }
        return entry.lastUsedAt.map(LocalTime.text) ?? "never, as of \(LocalTime.text(asked))"
    }
}
