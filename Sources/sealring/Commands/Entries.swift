import AWSValues
import ArgumentParser
import VaultClient

struct Remove: CommandWithExamples, ConfirmingCommand {
    static let configuration = CommandConfiguration(
        abstract: "Remove entries and roles.", aliases: ["rm"])
    static let examples = [
        "sealring remove old-ci",
        "sealring remove --yes old-ci older-ci",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Names of entries or roles.", completion: .names)
    var names: [String]

    @Flag(name: .shortAndLong, help: "As --yes.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    func run() throws {
        try EntryRemoval(names, isForced: force).run(
            global.access(), acceptingRollback: global.acceptRollback)
    }
}

struct Rename: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Rename an entry or role.", aliases: ["mv"])
    static let examples = [
        "sealring rename prod production",
        "sealring rename admin prod/admin",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of an entry or role.", completion: .names)
    var old: String

    @Argument(help: "New name.")
    var new: String

    func run() throws {
        try EntryName.check(new)
        try EntryRenaming.run(old, to: new, in: global.access(), acceptingRollback: global.acceptRollback)
    }
}
