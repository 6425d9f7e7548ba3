import ArgumentParser
import VaultClient

struct Rotate: CommandWithExamples, ConfirmingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Replace an access key with a new one, without locking anyone out.",
        discussion: """
            Each step is saved before the next one starts. Continue an interrupted rotation with --resume, or undo it \
            with --rollback until the old key is deleted. If IAM requires MFA, two codes are needed, because the new key \
            needs a session of its own.
            """)
    static let examples = [
        "sealring rotate prod",
        "sealring rotate --all --older-than 90d",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Argument(help: "Name of the entry.", completion: .keyNames)
    var name: String?

    @Flag(help: "Rotate all long-lived keys, one after another.")
    var all = false

    @Option(help: ArgumentHelp("Only rotate keys older than this (1m to 3650d).", valueName: "duration"))
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
            "Keep the old key, inactive, for this long before deleting it (1m to 30d).", valueName: "duration"
        ))
    var keepOld: String?

    @Option(
        help: ArgumentHelp(
            "Time between the two checks of the new key (0s to 10m).", valueName: "duration"))
    var settle = "10s"

    @Flag(
        name: .shortAndLong,
        help: "As --yes; with --resume, also delete the old key before its grace period is over.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    func validate() throws {
        guard name != nil || all else { throw ValidationError("name an entry, or give --all") }
        guard name == nil || !all else { throw ValidationError("give a name or --all, not both") }
        guard [resume, rollback, forget].count(where: { $0 }) <= 1 else {
            throw ValidationError("give only one of --resume, --rollback and --forget")
        }
        guard !forget || !all else { throw ValidationError("--forget needs the name of one entry") }
        guard olderThan == nil || !resume && !rollback && !forget else {
            throw ValidationError("--older-than cannot be used with --resume, --rollback or --forget")
        }
        guard keepOld == nil || !rollback && !forget else {
            throw ValidationError("--keep-old cannot be used with --rollback or --forget")
        }
    }

    func run() throws {
        let goal: RotationGoal = rollback ? .rollBack : resume ? .resume : forget ? .forget : .start
        let request = try RotationRequest(
            goal, of: name, olderThan: olderThan, settling: settle, keepingOld: keepOld, isForced: force)
        Interruption.handleSignals()
        try Rotations.run(request, mfa.code, global.client())
    }
}
