import AWSRequests
import AWSValues
import AgentProtocol
import ArgumentParser
import CredentialVault
import Platform
import ProgramSupport
import SecureMemory
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

    @Argument(help: "Name of an entry or role.")
    var name: String

    @Option(help: .hidden)
    var prompt: HelperPrompt?

    func run() throws {
        var code = mfa.code
        code.prompt = prompt
        if prompt != nil { return try SessionPrompt.run(name, global.client(), code) }
        let vault = try global.access()
        let entries = try vault.entries()
        if let entry = entries[name], entry.serve == .key {
            throw Failure(
                .usage, "'\(name)' hands out the key itself, which needs no session",
                hint: "serve a session with 'sealring set \(name) --serve session'")
        }
        let line = try vault.sessions(code).credentials(name)
        let end = Self.expiration(line).map { " until \(LocalTime.brief($0))" } ?? ""
        Console.note("\(name.printable) has a session\(end)")
    }

    /// The time in the line, which is no secret.
    static func expiration(_ line: borrowing SecretBuffer) -> Int64? {
        let mark = Array("\"Expiration\":\"".utf8)
        return unsafe line.withUnsafeBytes { bytes in
            guard bytes.count > mark.count + 20 else { return nil }
            for start in 0..<(bytes.count - mark.count - 20)
            where unsafe bytes[start..<(start + mark.count)].elementsEqual(mark) {
                let time = unsafe bytes[(start + mark.count)..<(start + mark.count + 20)]
                return unsafe Timestamp.seconds(String(decoding: time, as: UTF8.self))
            }
            return nil
        }
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

    @Argument(help: "Name of an entry or role. (default: all)")
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

    @Argument(help: "Name of an entry or role.")
    var name: String

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let vault = try global.access()
        guard try vault.entries().isTaken(name) else {
            throw VaultError(.noSuchEntry(name), path: vault.location.path)
        }
        let facts = try vault.sessions(mfa.code).call(
            .getCallerIdentity, name, signer: .served, action: "ask who it is"
        ) { reply, context in
            guard let account = reply.text("Account", limit: 12), let arn = reply.text("Arn"),
                let user = reply.text("UserId", limit: 256)
            else { throw Failure(.malformed, "the answer of \(context.host) does not say whose key it is") }
            return [
                ("name", "name", JSONText.string(name)),
                ("access_key_id", "access key id", .string(context.accessKeyID)),
                ("account_id", "account", .string(account)), ("arn", "ARN", .string(arn)),
                ("user_id", "user id", .string(user)),
                ("clock_skew_seconds", "clock", .number(context.skew ?? 0)),
            ]
        }
        guard !json else {
            return try Console.print(JSONText.object(facts.map { ($0.0, $0.2) }).text)
        }
        let rows = facts.map { fact -> [String] in
            switch fact.2 {
            case .string(let text): [fact.1, text.printable]
            case .number(let skew): [fact.1, Self.clock(skew)]
            default: [fact.1, ""]
            }
        }
        try Console.write(Table.text(rows))
    }

    private static func clock(_ skew: Int64) -> String {
        if abs(skew) <= 5 { return "right" }
        return "\(ShownDuration.text(abs(skew))) \(skew > 0 ? "behind" : "ahead")"
    }
}
