import AWSValues
import ArgumentParser
import CredentialImport
import CredentialVault
import ProgramSupport
import SecureMemory

struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Add a key by hand; the secret is asked without echo.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The entry's name.")
    var name: String

    @Option(help: "The access key id; asked for when it is missing.")
    var accessKeyID: String?

    @Option(help: "Read the secret access key from a file that only you can read.")
    var secretFile: String?

    @Option(help: "Read the session token from a file that only you can read.")
    var sessionTokenFile: String?

    @Option(help: "The region to use with the key.")
    var region: String?

    func run() throws {
        let name = self.name
        try EntryName.check(name)
        let opening = try global.startOpening()
        let id = try accessKeyID ?? ask("Access key id: ")
        let (entry, warning) = try entry(id)
        if let warning { Console.warn(warning) }
        let secret = try readSecret()
        try requireVisible(secret, "secret access key")
        let token = try readToken()
        let vault = try opening.finish()
        try vault.update(acceptingRollback: global.acceptRollback) { _, changes in
            try changes.add(entry, secretAccessKey: secret, sessionToken: token)
        }
        Console.note("sealed \(name)")
        Console.hint("make a profile of it with 'sealring configure \(name)'")
    }

    private func entry(_ id: String) throws -> (Entry, String?) {
        var entry = Entry(name: name, accessKeyID: id)
        guard let kind = AccessKeyID.classify(id) else {
            throw Failure(
                // Not repeated: it may be the secret, pasted into the wrong field.
                .malformed, "this is no access key id",
                hint: "it has 16 to 128 capital letters and digits, and begins with AKIA or ASIA")
        }
        if AccessKeyID.needsSessionToken(id), sessionTokenFile == nil {
            throw Failure(
                .malformed, "a key id that begins with ASIA needs its session token",
                hint: "give --session-token-file PATH")
        }
        entry.accountID = AccessKeyID.accountID(of: id)
        entry.region = region
        entry.source = "by hand"
        return (entry, kind == .unusual ? ImportWarning.unusualAccessKeyID.text : nil)
    }

    private func readSecret() throws -> SecretBytes {
        if let secretFile { return try SecretFile.readPassphrase(secretFile, limit: 4 << 10) }
        guard let terminal = Terminal() else {
            throw Failure(
                .usage, "no terminal to ask for the secret access key", hint: "give --secret-file PATH")
        }
        return try terminal.askSecret("Secret access key: ", limit: 4 << 10)
    }

    private func readToken() throws -> SecretBytes? {
        guard let sessionTokenFile else { return nil }
        let token = try SecretFile.readPassphrase(sessionTokenFile, limit: 6 << 10)
        try requireVisible(token, "session token")
        return token
    }

    private func ask(_ prompt: String) throws -> String {
        guard let terminal = Terminal() else {
            throw Failure(.usage, "no terminal to ask for the access key id", hint: "give --access-key-id ID")
        }
        return try terminal.askText(prompt, limit: 128)
    }

    private func requireVisible(_ secret: borrowing SecretBytes, _ what: String) throws {
        let isVisible = unsafe secret.withUnsafeBytes { bytes in
            unsafe bytes.count > 0 && bytes.allSatisfy { (0x21...0x7E).contains($0) }
        }
        guard isVisible else {
            throw Failure(.malformed, "the \(what) is empty, or has characters that no AWS key has")
        }
    }
}

struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Remove entries and roles.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The entries' names.")
    var names: [String]

    @Flag(name: .shortAndLong, help: "Do not ask.")
    var force = false

    func run() throws {
        let vault = try global.access()
        let names = Set(self.names).sorted()
        let entries = try vault.entries()
        for name in names where !entries.isTaken(name) {
            throw VaultError(.noSuchEntry(name), path: vault.location.path)
        }
        for name in names {
            guard let rotation = entries[name]?.rotation else { continue }
            throw Failure(
                .exists,
                "a rotation of '\(name)' is under way\(rotation.otherAccessKeyID.map { ", which holds a second key, \($0)" } ?? "")",
                hint:
                    "end it with 'sealring rotate \(name) --resume' or '--rollback', or give it up with '--forget'"
            )
        }
        if !force {
            let secrets =
                names.contains { entries[$0] != nil }
                ? " AWS keeps the keys, but their secrets are gone." : ""
            try Confirmation.require("Remove \(names.joined(separator: ", ")) from the vault?\(secrets)")
        }
        try vault.update(acceptingRollback: global.acceptRollback) { _, changes in
            for name in names { try changes.append(.remove, name: name) }
        }
        let profiles = ProfileIndex.read()
        for name in names {
            Console.note("removed \(name)")
            for profile in profiles[name] {
                Console.warn("the profile '\(profile.printable)' still names it")
                Console.hint(
                    "put ~/.aws/config back with 'sealring configure \(name) --profile \(profile.printable) --remove'"
                )
            }
        }
    }
}

struct Rename: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Give an entry or a role another name.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "The entry's name.")
    var old: String

    @Argument(help: "Its new name.")
    var new: String

    func run() throws {
        let (old, new) = (self.old, self.new)
        try EntryName.check(new)
        let vault = try global.access()
        try vault.update(acceptingRollback: global.acceptRollback) { entries, changes in
            if var role = entries.role(old) {
                role.name = new
                return try changes.append(.editRole, name: old, role: role)
            }
            guard var entry = entries[old] else {
                throw VaultError(.noSuchEntry(old), path: vault.location.path)
            }
            entry.name = new
            try changes.append(.edit, name: old, entry: entry)
        }
        Console.note("renamed \(old.printable) to \(new)")
        for profile in ProfileIndex.read()[old] {
            Console.warn("the profile '\(profile.printable)' still names \(old.printable)")
            Console.hint(
                "point it at the new name with 'sealring configure \(new) --profile \(profile.printable)'")
        }
    }
}

/// A time such as `90s`, `15m`, `1h`, `8h30m`, `1d`.
enum Duration {
    static func seconds(_ text: String, in range: ClosedRange<UInt32>) throws -> UInt32 {
        var total: UInt32 = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            let units: [Character: UInt32] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
            guard let unit = units[character], digits.count <= 6, let number = UInt32(digits) else {
                throw misuse(text)
            }
            let (product, overflow) = number.multipliedReportingOverflow(by: unit)
            guard !overflow, product <= UInt32.max - total else { throw misuse(text) }
            total += product
            digits = ""
        }
        guard digits.isEmpty, !text.isEmpty else { throw misuse(text) }
        guard range.contains(total) else {
            throw Failure(
                .usage,
                "'\(text.printable)' is out of range: \(range.lowerBound) to \(range.upperBound) seconds")
        }
        return total
    }

    private static func misuse(_ text: String) -> Failure {
        Failure(.usage, "'\(text.printable)' is no time", hint: "write it as 15m, 1h or 8h")
    }
}

/// A question that has to be answered with yes.
enum Confirmation {
    static func ask(_ question: String) throws -> Bool {
        guard let terminal = Terminal() else {
            throw Failure(.usage, "no terminal to confirm on", hint: "give --force to go on without asking")
        }
        return try terminal.confirm(question)
    }

    static func require(_ question: String) throws {
        guard try ask(question) else { throw Failure(.usage, "not confirmed: nothing was changed") }
    }
}

/// The names that entries can have.
enum EntryName {
    static func check(_ name: String) throws {
        guard unsafe TextRules.check(name, TextRules.isName) else {
            throw Failure(
                .usage, "'\(String(name.prefix(200)).printable)' is no name for an entry",
                hint: "a name has a letter first, then letters, digits and ._@+/- up to 128 characters")
        }
    }
}
