import ArgumentParser
import CredentialVault
import Platform
import ProgramSupport
import VaultClient

struct Age: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show how old the keys are and when each was last used.",
        discussion: """
            Each key asks AWS for its own last use, and the answer is saved. --offline shows the saved answers.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Flag(help: "Do not ask AWS.")
    var offline = false

    @Option(help: ArgumentHelp("Warn about keys older than this.", valueName: "duration"))
    var maxAge = "90d"

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let limit = Int64(try DurationText.seconds(maxAge, in: 3600...315_360_000))
        let vault = try global.access()
        var entries = try vault.entries()
        var unsaved: (any Error)?
        if !offline {
            let answers = try ask(entries, vault)
            for (name, answer) in answers {
                guard let entry = entries[name] else { continue }
                entries.insert(answer.applied(to: entry))
            }
            do { try seal(answers, vault) } catch { unsaved = error }
        }
        try show(entries, limit)
        if let unsaved { throw unsaved }
    }

    private func show(_ entries: EntryList, _ limit: Int64) throws {
        let now = UnixTime.now()
        let keys = entries.sorted.filter { !$0.hasSessionToken }
        let rows = keys.map { entry in
            (entry: entry, age: max(now - (entry.createdAt ?? entry.sealedAt), 0))
        }
        if json {
            let facts = rows.map { row in
                JSONText.object([
                    ("name", .string(row.entry.name)), ("access_key_id", .string(row.entry.accessKeyID)),
                    ("age_days", .number(row.age / 86_400)),
                    ("created_at", row.entry.createdAt.map { .string(EntryFacts.time($0)) }),
                    ("sealed_at", .string(EntryFacts.time(row.entry.sealedAt))),
                    ("last_used_at", row.entry.lastUsedAt.map { .string(EntryFacts.time($0)) }),
                    ("last_used_asked_at", row.entry.lastUsedAskedAt.map { .string(EntryFacts.time($0)) }),
                    ("is_old", .boolean(row.age > limit)),
                ])
            }
            return try Console.print(JSONText.object([("keys", .array(facts))]).text)
        }
        let table = rows.map { row in
            [
                row.entry.name, row.entry.accessKeyID,
                "\(row.age / 86_400) d\(row.entry.createdAt == nil ? " at least" : "")",
                Self.use(row.entry),
            ]
        }
        try Console.write(Table.text([["NAME", "ACCESS KEY ID", "AGE", "LAST USED"]] + table))
        for row in rows where row.age > limit {
            let days = row.age / 86_400
            Console.warn("\(row.entry.name) is \(days) \(days == 1 ? "day" : "days") old")
            Console.hint("replace it with 'sealring rotate \(row.entry.name)'")
        }
        let plain = rows.filter { $0.entry.serve == .key }
        if let first = plain.first {
            Console.hint(
                "\(plain.count == 1 ? "\(first.entry.name) hands" : "\(plain.count) entries hand") the key itself out: 'sealring set \(first.entry.name) --serve session' (or role) hands out what ends by itself"
            )
        }
    }

    private static func use(_ entry: Entry) -> String {
        guard let asked = entry.lastUsedAskedAt else { return "-" }
        return entry.lastUsedAt.map(EntryFacts.time) ?? "never, as of \(EntryFacts.time(asked))"
    }

    private struct Answer {
        let accessKeyID: String
        let lastUsedAt: Int64?
        let createdAt: Int64?

        func applied(to entry: Entry) -> Entry {
            guard entry.accessKeyID == accessKeyID else { return entry }
            var entry = entry
            entry.lastUsedAt = lastUsedAt
            entry.lastUsedAskedAt = UnixTime.now()
            entry.createdAt = createdAt
            return entry
        }
    }

    /// Asks AWS about each key.
    private func ask(_ entries: EntryList, _ vault: any VaultAccess) throws -> [String: Answer] {
        var code = mfa.code
        code.isSilent = true
        let client = try vault.sessions(code)
        var found: [String: Answer] = [:]
        for entry in entries.sorted where !entry.hasSessionToken {
            let keys = IAMKeys(client, entry.name, needsMFA: mayUseMFA(entry))
            do {
                let used = try keys.lastUse(of: entry.accessKeyID)
                var created = entry.createdAt
                if created == nil {
                    created = try? keys.list().first { $0.id == entry.accessKeyID }?.createdAt
                }
                found[entry.name] = Answer(
                    accessKeyID: entry.accessKeyID, lastUsedAt: used, createdAt: created)
            } catch let error as NoAnswer {
                Console.warn("\(error.failure.message): this is what was sealed last")
                break
            } catch {
                guard let failure = Failure.of(error) else { throw error }
                Console.warn("\(entry.name): \(failure.message)")
            }
        }
        return found
    }

    /// Whether a code comes without a question: nobody wants to be asked for one per key.
    private func mayUseMFA(_ entry: Entry) -> Bool {
        guard entry.mfaSerial != nil else { return false }
        return mfa.mfaToken != nil || mfa.code.isFromCommand || entry.hasOneTimeCodeSeed
    }

    /// Seals what AWS said.
    private func seal(_ answers: [String: Answer], _ vault: any VaultAccess) throws {
        guard !answers.isEmpty else { return }
        try vault.update(acceptingRollback: global.acceptRollback) { entries, changes in
            for (name, answer) in answers.sorted(by: { $0.key < $1.key }) {
                guard let entry = entries[name], entry.accessKeyID == answer.accessKeyID else { continue }
                try changes.append(.edit, name: name, entry: answer.applied(to: entry))
            }
        }
    }
}
