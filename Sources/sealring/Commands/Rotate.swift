import ArgumentParser
import CredentialVault
import DurableFiles
import Platform
import ProgramSupport
import VaultClient

struct Rotate: ParsableCommand, ConfirmingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replace an access key with a new one, without locking anyone out.",
        discussion: """
            Each step is saved before the next one starts. Continue an interrupted rotation with --resume, or undo it \
            with --rollback until the old key is deleted. If IAM requires MFA, two codes are needed, because the new key \
            needs a session of its own.
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Argument(help: "Name of the entry.")
    var name: String?

    @Flag(help: "Rotate all long-lived keys, one after another.")
    var all = false

    @Option(help: ArgumentHelp("Only rotate keys older than this.", valueName: "duration"))
    var olderThan: String?

    @Flag(help: "Continue an interrupted rotation, or one whose grace period is over.")
    var resume = false

    @Flag(help: "Return to the old key.")
    var rollback = false

    @Flag(
        help: """
            Abandon a rotation that can neither finish nor be undone. The key in use stays, and AWS keeps the \
            other one.
            """)
    var forget = false

    @Option(
        help: ArgumentHelp(
            "Keep the old key, inactive, for this long before deleting it.", valueName: "duration"))
    var keepOld: String?

    @Option(
        help: ArgumentHelp(
            "Time between the two checks of the new key.", valueName: "duration"))
    var settle = "10s"

    @Flag(
        name: .shortAndLong,
        help: "Do not ask; with --resume, delete the old key before its grace period is over.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    func validate() throws {
        guard name != nil || all else { throw ValidationError("name an entry, or give --all") }
        guard name == nil || !all else { throw ValidationError("give a name or --all, not both") }
        guard [resume, rollback, forget].count(where: { $0 }) <= 1 else {
            throw ValidationError("give only one of --resume, --rollback and --forget")
        }
        guard !forget || !all else { throw ValidationError("--forget goes with one name") }
        guard olderThan == nil || !resume && !rollback && !forget else {
            throw ValidationError("--older-than is for rotations that begin")
        }
        guard keepOld == nil || !rollback && !forget else {
            throw ValidationError("--keep-old is for rotations that go on")
        }
    }

    func run() throws {
        let settling = try DurationText.seconds(settle, in: 0...600)
        let keeping = try keepOld.map { try DurationText.seconds($0, in: 60...2_592_000) }
        let age = try olderThan.map { try DurationText.seconds($0, in: 60...315_360_000) }
        let state = try Paths.stateDirectory()
        try Directory.make(state)
        let lock = try FileLock("rotate.lock", in: Directory(state), seconds: 0.5)
        defer { extendLifetime(lock) }
        // Only now: another program may have gone on with a rotation before.
        let vault = try global.access()
        let client = try vault.sessions(mfa.code)
        var first: (any Error)?
        let chosen = try chosen(vault, client, olderThan: age)
        if chosen.isEmpty, resume || rollback { Console.note("no rotation is under way") }
        Interruption.handleSignals()
        for entry in chosen {
            RotationNotice.set(entry, conversation)
            let rotation = KeyRotation(
                name: entry.name, vault: vault,
                keys: IAMKeys(client, entry.name, needsMFA: entry.mfaSerial != nil),
                acceptsRollback: global.acceptRollback, settling: settling, keepingOld: keeping,
                isForced: force)
            do {
                try run(rotation)
            } catch {
                let error = rotation.explained(error)
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

    private func run(_ rotation: KeyRotation) throws {
        if rollback {
            try rotation.rollBack()
        } else if resume {
            try rotation.resume()
        } else if forget {
            try rotation.forget()
        } else {
            try rotation.start()
        }
    }

    private func chosen(
        _ vault: any VaultAccess, _ client: SessionClient, olderThan age: UInt32?
    ) throws -> [Entry] {
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
        let old = chosen.filter { UnixTime.now() - Self.made($0, client) > Int64(age) }
        if old.isEmpty { Console.note("no key is that old") }
        return old
    }

    /// When AWS made a key. A file that it came from may not have told: its age is not that of its sealing.
    private static func made(_ entry: Entry, _ client: SessionClient) -> Int64 {
        if let time = entry.createdAt { return time }
        let keys = IAMKeys(client, entry.name, needsMFA: entry.mfaSerial != nil)
        do {
            let own = try keys.list().first { $0.id == entry.accessKeyID }
            return own?.createdAt ?? entry.sealedAt
        } catch {
            let failure = Failure.of(error) ?? Failure(.inputOutput, "it failed")
            Console.warn(
                "\(entry.name): the age of its key is not known, and counted from when it was sealed: \(failure.message)"
            )
            return entry.sealedAt
        }
    }
}
