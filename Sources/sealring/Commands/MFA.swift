import ArgumentParser
import CredentialVault
import ProgramSupport
import SecureMemory
import VaultClient
import VaultCrypto

struct MFACommand: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "mfa", abstract: "Manage the MFA device of a key's user.",
        subcommands: [MFASet.self, MFARemove.self])
    static let examples = [
        "sealring mfa set prod --mfa-serial arn:aws:iam::123456789012:mfa/alice",
        "sealring mfa remove prod",
    ]
}

struct MFASet: CommandWithExamples, ConfirmingCommand {
    static let configuration = CommandConfiguration(
        commandName: "set",
        abstract: "Set the MFA device, and optionally seal its seed.",
        discussion: """
            The seed is the secret key that AWS shows for a virtual device, or an otpauth:// URL. With the seed in the \
            vault, opening the vault yields both factors; a stolen key alone still fails where MFA is required. \
            Without --seed or --seed-file, Sealring prompts for a code once and shares the session.
            """)
    static let examples = [
        "sealring mfa set prod --mfa-serial arn:aws:iam::123456789012:mfa/alice",
        "sealring mfa set prod --mfa-serial arn:aws:iam::123456789012:mfa/alice --seed",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of the entry.")
    var name: String

    @Option(help: ArgumentHelp("ARN or serial number of the device.", valueName: "serial"))
    var mfaSerial: String?

    @Flag(help: "Prompt for the seed, which AWS calls the secret key of a virtual device.")
    var seed = false

    @Option(help: ArgumentHelp("Read the seed from a file that only you can read.", valueName: "path"))
    var seedFile: String?

    @Flag(name: .shortAndLong, help: "Do not ask for confirmation.")
    var force = false

    @OptionGroup var confirmation: ConfirmationOptions

    func run() throws {
        let command = self
        let name = self.name
        if let mfaSerial { _ = try RequestSettings.serial(mfaSerial) }
        var given: SecretBytes?
        if seedFile != nil { given = try readSeed() }
        let vault = try global.access()
        let entry = try Self.key(name, try vault.entries(), vault)
        guard mfaSerial != nil || entry.mfaSerial != nil else {
            throw Failure(.usage, "'\(name)' has no MFA device yet", hint: "name it with --mfa-serial ARN")
        }
        let settings = RequestSettings(mfaSerial: mfaSerial)
        var taken: String?
        guard seed || seedFile != nil else {
            try vault.update(acceptingRollback: global.acceptRollback) { entries, changes in
                var changed = try Self.key(name, entries, vault)
                try settings.apply(to: &changed)
                taken = try MFAAccount.settle(&changed)
                try changes.append(.edit, name: name, entry: changed)
            }
            Console.note("set the MFA device of \(name)")
            return MFAAccount.tell(taken, name, conversation)
        }
        if !force {
            try conversation.require("Seal the seed with the key? The vault then holds both factors.")
        }
        let seed = try given.take() ?? readSeed()
        try vault.update(acceptingRollback: global.acceptRollback) { entries, changes in
            var changed = try Self.key(name, entries, vault)
            if let serial = command.mfaSerial { changed.mfaSerial = try RequestSettings.serial(serial) }
            taken = try MFAAccount.settle(&changed)
            try changes.append(.seed, name: name, entry: changed, secret: seed)
        }
        Console.note("sealed the seed of \(name)'s MFA device")
        MFAAccount.tell(taken, name, conversation)
    }

    /// The key with this name: a role has no device of its own user.
    static func key(_ name: String, _ entries: EntryList, _ vault: any VaultAccess) throws -> Entry {
        if let entry = entries[name] { return entry }
        guard let role = entries.role(name) else {
            throw VaultError(.noSuchEntry(name), path: vault.location.path)
        }
        let key = RoleFacts.chain(role, in: entries).last ?? role.source
        throw Failure(
            .usage, "'\(name)' is a role: name the device of its key '\(key.printable)'",
            hint: "use 'sealring mfa set \(key.printable)', or 'sealring set \(name) --mfa-serial ARN'")
    }

    private func readSeed() throws -> SecretBytes {
        try Answers.retrying(conversation, isAsked: seedFile == nil) { try readSeedOnce() }
    }

    private func readSeedOnce() throws -> SecretBytes {
        let text: SecretBytes
        if let seedFile {
            text = try SecretFile.readPassphrase(seedFile, limit: Self.seedLimit)
        } else {
            guard let terminal = Terminal() else {
                throw Failure(.usage, "no terminal to ask for the seed", hint: "give --seed-file PATH")
            }
            text = try terminal.askSecret(
                "Seed (the device's secret key, or its otpauth:// URL): ", limit: Self.seedLimit)
        }
        do throws(OneTimeSeed.Fault) {
            return try OneTimeSeed.read(text.bytes)
        } catch {
            guard case .memory(let error) = error else {
                throw Failure(.malformed, "invalid seed: \(error.reason)", hint: error.cure)
            }
            throw Failure(error)
        }
    }

    /// A URL may carry more than the seed.
    private static let seedLimit = 4096
}

struct MFARemove: CommandWithExamples {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove the MFA device and its seed.")
    static let examples = [
        "sealring mfa remove prod",
        "sealring mfa remove prod --no-agent",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Argument(help: "Name of the entry.")
    var name: String

    func run() throws {
        let name = self.name
        let vault = try global.access()
        try vault.update(acceptingRollback: global.acceptRollback) { entries, changes in
            var entry = try MFASet.key(name, entries, vault)
            guard entry.mfaSerial != nil || entry.hasOneTimeCodeSeed else {
                throw Failure(.missing, "'\(name)' has no MFA device")
            }
            entry.mfaSerial = nil
            let none = try SecretBytes(count: 0)
            try changes.append(.seed, name: name, entry: entry, secret: none)
        }
        Console.note("removed the MFA device of \(name)")
    }
}
