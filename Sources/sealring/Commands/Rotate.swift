import ArgumentParser
import CredentialVault
import DurableFiles
import ProgramSupport

struct Rotate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replace an access key by a new one; nobody is locked out, whatever happens on the way.",
        discussion: """
            Every step is sealed before the next one begins: a rotation that was stopped goes on with --resume, \
            and back with --rollback until the old key is deleted.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Argument(help: "The entry's name.")
    var name: String?

    @Flag(help: "Rotate all long-lived keys, one after the other.")
    var all = false

    @Option(help: ArgumentHelp("Only keys that are older than this.", valueName: "duration"))
    var olderThan: String?

    @Flag(help: "Go on with a rotation that was stopped, or whose grace time is over.")
    var resume = false

    @Flag(help: "Go back to the old key.")
    var rollback = false

    @Option(
        help: ArgumentHelp(
            "Keep the old key, inactive, for this time before it is deleted.", valueName: "duration"))
    var keepOld: String?

    @Option(
        help: ArgumentHelp(
            "How long to wait between the two checks of the new key.", valueName: "duration"))
    var settle = "10s"

    @Flag(name: .shortAndLong, help: "Do not ask, and do not wait for a grace time.")
    var force = false

    func validate() throws {
        guard (name == nil) == all else { throw ValidationError("name an entry, or give --all") }
        if resume, rollback {
            throw ValidationError("--resume and --rollback lead into different directions")
        }
    }

    func run() throws {
        let settling = try Duration.seconds(settle, in: 0...600)
        let keeping = try keepOld.map { try Duration.seconds($0, in: 60...2_592_000) }
        let age = try olderThan.map { try Duration.seconds($0, in: 60...315_360_000) }
        let vault = try global.access()
        let state = try Paths.stateDirectory()
        try Directory.make(state)
        let lock = try FileLock("rotate.lock", in: Directory(state), seconds: 0.5)
        defer { extendLifetime(lock) }
        let client = try vault.sessions(mfa.code)
        var first: (any Error)?
        for entry in try chosen(vault, olderThan: age) {
            let rotation = KeyRotation(
                name: entry.name, vault: vault,
                keys: IAMKeys(client, entry.name, needsMFA: entry.mfaSerial != nil),
                acceptsRollback: global.acceptRollback, settling: settling, keepingOld: keeping,
                isForced: force)
            do {
                if rollback {
                    try rotation.rollBack()
                } else if resume {
                    try rotation.resume()
                } else {
                    try rotation.start()
                }
            } catch {
                guard all else { throw error }
                // One that cannot be rotated keeps none of the others from it.
                first = first ?? error
                let failure = Failure.of(error) ?? Failure(.inputOutput, "it failed")
                Console.warn("\(entry.name): \(failure.message)")
                if let hint = failure.hint { Console.hint(hint) }
            }
        }
        if let first { throw first }
    }

    private func chosen(_ vault: any VaultAccess, olderThan age: UInt32?) throws -> [Entry] {
        let entries = try vault.entries()
        var chosen = entries.sorted.filter { !$0.hasSessionToken }
        if let name {
            guard let entry = entries[name] else {
                if entries.role(name) != nil {
                    throw Failure(.usage, "'\(name)' is a role, which has no key of its own")
                }
                throw VaultError(.noSuchEntry(name), path: vault.location.path)
            }
            guard !entry.hasSessionToken else {
                throw Failure(.usage, "'\(name)' holds temporary credentials, which end by themselves")
            }
            chosen = [entry]
        } else if resume || rollback {
            chosen = chosen.filter { $0.rotation != nil }
        }
        guard let age else { return chosen }
        let old = chosen.filter { Clock.unix() - ($0.createdAt ?? $0.sealedAt) > Int64(age) }
        if old.isEmpty { Console.note("no key is that old") }
        return old
    }
}

struct Age: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell how old the keys are, and when they were used last.",
        discussion: """
            AWS is asked for the last use with each key's own permission, and what it says is sealed; --offline \
            tells what was sealed last.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Flag(help: "Ask AWS nothing.")
    var offline = false

    @Option(help: ArgumentHelp("Warn about keys that are older than this.", valueName: "duration"))
    var maxAge = "90d"

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let limit = Int64(try Duration.seconds(maxAge, in: 3600...315_360_000))
        let vault = try global.access()
        if !offline { try refresh(vault) }
        let now = Clock.unix()
        let keys = try vault.entries().sorted.filter { !$0.hasSessionToken }
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
            Console.warn("\(row.entry.name) is \(row.age / 86_400) days old")
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

    /// Asks AWS about each key, and seals what it says.
    private func refresh(_ vault: any VaultAccess) throws {
        let client = try vault.sessions(mfa.code)
        var found: [String: (used: Int64?, id: String, created: Int64?)] = [:]
        for entry in try vault.entries().sorted where !entry.hasSessionToken {
            let keys = IAMKeys(client, entry.name, needsMFA: false)
            do {
                let used = try keys.lastUse(of: entry.accessKeyID)
                var created = entry.createdAt
                if created == nil {
                    created = try? keys.list().first { $0.id == entry.accessKeyID }?.createdAt
                }
                found[entry.name] = (used, entry.accessKeyID, created)
            } catch let error as AWSRefused {
                Console.warn("\(entry.name): \(error.failure.message)")
            } catch let error as NoAnswer {
                Console.warn("\(error.failure.message): this is what was sealed last")
                break
            }
        }
        let answers = found
        guard !answers.isEmpty else { return }
        try vault.update(acceptingRollback: global.acceptRollback) { entries, changes in
            for (name, answer) in answers.sorted(by: { $0.key < $1.key }) {
                guard var entry = entries[name], entry.accessKeyID == answer.id else { continue }
                entry.lastUsedAt = answer.used
                entry.lastUsedAskedAt = Clock.unix()
                entry.createdAt = answer.created
                try changes.append(.edit, name: name, entry: entry)
            }
        }
    }
}
