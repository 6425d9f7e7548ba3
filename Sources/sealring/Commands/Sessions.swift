import ArgumentParser
import Platform
import ProgramSupport
import VaultClient

struct Session: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Get a session now, so that AWS clients do not wait for it.",
        discussion: """
            If an MFA device is set, this prompts for its code once. All AWS clients then share the session until it \
            expires.
            """)
    static let examples = [
        "sealring session admin",
        "sealring session admin --mfa-token 123456",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Argument(help: "Name of an entry or role.", completion: .names)
    var name: String

    @Option(help: .hidden)
    var prompt: HelperPrompt?

    func run() throws {
        var code = mfa.code
        code.prompt = prompt
        if prompt != nil { return try SessionPrompt.run(name, global.client(), code) }
        let end = try SessionFetch.run(name, global.access(), code)
        let until = end.map { " until \(LocalTime.brief($0))" } ?? ""
        Console.note("\(name.printable) has a session\(until)")
    }
}

struct Clear: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Forget the sessions of an entry or role, or all sessions.",
        discussion: "AWS cannot end a session early: what clients already have stays valid.")
    static let examples = [
        "sealring clear admin",
        "sealring clear",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of an entry or role. (default: all)", completion: .names)
    var name: String?

    func run() throws {
        let count = try global.access().sessions(MFACode()).clear(name ?? "")
        Console.note("forgot \(count) \(count == 1 ? "session" : "sessions")")
    }
}

struct Verify: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Ask AWS for the identity of an entry or role, and check the clock.")
    static let examples = [
        "sealring verify prod",
        "sealring verify admin --json",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Argument(help: "Name of an entry or role.", completion: .names)
    var name: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let identity = try CallerIdentity.ask(name, global.access(), mfa.code)
        guard !json else { return try Console.print(identity.json.text) }
        try Console.write(Table.text(identity.rows))
    }
}
