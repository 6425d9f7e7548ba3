import AgentProtocol
import CredentialVault
import ProgramSupport
import SecureMemory
import VaultCrypto

/// Sets the MFA device of a key's user, or removes it.
package struct DeviceChange {
    let name: String
    /// The ARN or serial number of the device; nil for the one that it has.
    let serial: String?
    /// Whether the device's seed is sealed, too.
    let wantsSeed: Bool
    /// Nil to ask for the seed.
    let seedFile: String?
    /// Whether nothing is asked.
    let isForced: Bool

    package init(name: String, serial: String?, asksSeed: Bool, seedFile: String?, isForced: Bool) {
        self.name = name
        self.serial = serial
        wantsSeed = asksSeed || seedFile != nil
        self.seedFile = seedFile
        self.isForced = isForced
    }

    package func run(_ client: Client) throws {
        if let serial { _ = try RequestSettings.serial(serial) }
        let seed: SecretBytes? = try seedFile == nil ? nil : readSeed(client.conversation)
        try set(seed, in: client.access(), acceptingRollback: client.acceptsRollback)
    }

    /// - Parameter seed: what was read of a file.
    func set(_ seed: consuming SecretBytes?, in vault: any VaultAccess, acceptingRollback: Bool) throws {
        let conversation = vault.conversation
        let entry = try Self.key(name, vault.entries(), vault)
        guard serial != nil || entry.mfaSerial != nil else {
            throw Failure(.usage, "'\(name)' has no MFA device yet", hint: "name it with --mfa-serial ARN")
        }
        var taken: String?
        if wantsSeed {
            if !isForced {
                try conversation.require("Seal the seed with the key? The vault then holds both factors.")
            }
            let seed = try seed.take() ?? readSeed(conversation)
            try vault.update(acceptingRollback: acceptingRollback) { entries, changes in
                let changed = try changed(entries, vault, &taken)
                try changes.append(.seed, name: name, entry: changed, secret: seed)
            }
            conversation.note("sealed the seed of \(name)'s MFA device")
        } else {
            try vault.update(acceptingRollback: acceptingRollback) { entries, changes in
                let changed = try changed(entries, vault, &taken)
                try changes.append(.edit, name: name, entry: changed)
            }
            conversation.note("set the MFA device of \(name)")
        }
        MFAAccount.tell(taken, name, conversation)
    }

    /// The entry with its device.
    ///
    /// - Parameter taken: gets the account, when it was taken from the device.
    private func changed(
        _ entries: EntryList, _ vault: any VaultAccess, _ taken: inout String?
    ) throws -> Entry {
        var entry = try Self.key(name, entries, vault)
        if wantsSeed, let serial {
            entry.mfaSerial = try RequestSettings.serial(serial)
        } else {
            // The seed of another device does not become that of this one.
            try RequestSettings(mfaSerial: serial).apply(to: &entry)
        }
        taken = try MFAAccount.settle(&entry)
        return entry
    }

    /// Removes the device and its seed.
    package static func remove(_ name: String, from vault: any VaultAccess, acceptingRollback: Bool) throws {
        try vault.update(acceptingRollback: acceptingRollback) { entries, changes in
            var entry = try key(name, entries, vault)
            guard entry.mfaSerial != nil || entry.hasOneTimeCodeSeed else {
                throw Failure(.missing, "'\(name)' has no MFA device")
            }
            entry.mfaSerial = nil
            let none = try SecretBytes(count: 0)
            try changes.append(.seed, name: name, entry: entry, secret: none)
        }
        vault.conversation.note("removed the MFA device of \(name)")
    }

    /// The key with this name: a role has no device of its own user.
    private static func key(_ name: String, _ entries: EntryList, _ vault: any VaultAccess) throws -> Entry {
        if let entry = entries[name] { return entry }
        guard let role = entries.role(name) else {
            throw VaultError(.noSuchEntry(name), path: vault.location.path)
        }
        let key = RoleFacts.chain(role, in: entries).last ?? role.source
        throw Failure(
            .usage, "'\(name)' is a role: name the device of its key '\(key.printable)'",
            hint: "use 'sealring mfa set \(key.printable)', or 'sealring set \(name) --mfa-serial ARN'")
    }
}

extension DeviceChange {
    /// A URL may carry more than the seed.
    private static let seedLimit = 4096

    private func readSeed(_ conversation: any Conversation) throws -> SecretBytes {
        try Answers.retrying(conversation, isAsked: seedFile == nil) {
            let text = try seedText(conversation)
            do throws(OneTimeSeed.Fault) {
                return try OneTimeSeed.read(text.bytes)
            } catch {
                guard case .memory(let error) = error else {
                    throw Failure(.malformed, "invalid seed: \(error.reason)", hint: error.cure)
                }
                throw Failure(error)
            }
        }
    }

    private func seedText(_ conversation: any Conversation) throws -> SecretBytes {
        if let seedFile { return try SecretFile.readPassphrase(seedFile, limit: Self.seedLimit) }
        guard conversation.canAsk else {
            throw Failure(.usage, "no terminal to ask for the seed", hint: "give --seed-file PATH")
        }
        return try conversation.askSecret(
            "Seed (the device's secret key, or its otpauth:// URL): ", limit: Self.seedLimit, until: nil)
    }
}
