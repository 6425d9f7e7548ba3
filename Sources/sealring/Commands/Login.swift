import ArgumentParser
import VaultClient

struct Login: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Print a link that opens the AWS console.",
        discussion: """
            Anyone who has the link can use it for 15 minutes, so it is only printed. A key without a role opens the \
            console with a federated session, which needs the permission sts:GetFederationToken.
            """)
    static let examples = [
        "sealring login admin",
        "sealring login admin --service s3 --duration 1h",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions
    @OptionGroup var mfa: MFAOptions

    @Argument(help: "Name of an entry or role.", completion: .names)
    var name: String

    @Option(help: ArgumentHelp("Console page to open, such as s3.", valueName: "service"))
    var service: String?

    @Option(
        help: ArgumentHelp(
            "How long the console session lasts (15m to 12h, roles only).", valueName: "duration"))
    var duration: String?

    @Flag(help: "Print the link (the default).")
    var print = false

    func run() throws {
        let link = try ConsoleLink(name: name, service: service, duration: duration)
        try Console.release(link.make(global.access(), mfa.code))
    }
}
