package import CredentialVault
import ProgramSupport

/// How old the keys of a vault are, and when they were used last.
package struct KeyAges {
    package struct Key {
        package let entry: Entry
        /// Seconds since AWS made the key, or since it was sealed where that is not known.
        package let age: Int64
        package let isOld: Bool
    }

    /// Those of the long-lived keys, sorted by name.
    package let keys: [Key]
    /// Why the answers of AWS could not be sealed.
    package let unsaved: (any Error)?

    /// - Parameters:
    ///   - limit: from how many seconds on a key is old.
    ///   - mfa: the code to ask AWS with; nil to ask nothing.
    package init(_ client: Client, olderThan limit: Int64, asking mfa: MFACode?) throws {
        let vault = try client.access()
        var entries = try vault.entries()
        var unsaved: (any Error)?
        if let mfa {
            let answers = try Self.ask(entries, vault, mfa)
            for (name, answer) in answers {
                guard let entry = entries[name] else { continue }
                entries.insert(answer.applied(to: entry))
            }
            do {
                try Self.seal(answers, in: vault, acceptsRollback: client.acceptsRollback)
            } catch { unsaved = error }
        }
        self.unsaved = unsaved
        let now = client.conversation.now
        keys = entries.sorted.filter { !$0.hasSessionToken }.map { entry in
            let age = max(now - (entry.createdAt ?? entry.sealedAt), 0)
            return Key(entry: entry, age: age, isOld: age > limit)
        }
    }

    private struct Answer {
        let accessKeyID: String
        let askedAt: Int64
        let lastUsedAt: Int64?
        let createdAt: Int64?

        func applied(to entry: Entry) -> Entry {
            guard entry.accessKeyID == accessKeyID else { return entry }
            var entry = entry
            entry.lastUsedAt = lastUsedAt
            entry.lastUsedAskedAt = askedAt
            entry.createdAt = createdAt
            return entry
        }
    }

    /// Asks AWS about each key.
    private static func ask(
        _ entries: EntryList, _ vault: any VaultAccess, _ mfa: MFACode
    ) throws -> [String: Answer] {
        var code = mfa
        code.isSilent = true
        let conversation = vault.conversation
        let sessions = try vault.sessions(code)
        var found: [String: Answer] = [:]
        for entry in entries.sorted where !entry.hasSessionToken {
            let keys = IAMKeys(sessions, entry.name, needsMFA: mayUse(mfa, for: entry))
            do {
                let used = try keys.lastUse(of: entry.accessKeyID)
                var created = entry.createdAt
                if created == nil {
                    created = try? keys.list().first { $0.id == entry.accessKeyID }?.createdAt
                }
                found[entry.name] = Answer(
                    accessKeyID: entry.accessKeyID, askedAt: conversation.now, lastUsedAt: used,
                    createdAt: created)
            } catch let error as NoAnswer {
                conversation.warn("\(error.failure.message); showing the answers saved before")
                break
            } catch {
                guard let failure = Failure.of(error) else { throw error }
                conversation.warn("\(entry.name): \(failure.message)")
            }
        }
        return found
    }

    /// Whether a code comes without a question: nobody wants to be asked for one per key.
    private static func mayUse(_ mfa: MFACode, for entry: Entry) -> Bool {
        guard entry.mfaSerial != nil else { return false }
        return mfa.token != nil || mfa.isFromCommand || entry.hasOneTimeCodeSeed
    }

    /// Seals what AWS said.
    private static func seal(
        _ answers: [String: Answer], in vault: any VaultAccess, acceptsRollback: Bool
    ) throws {
        guard !answers.isEmpty else { return }
        try vault.update(acceptingRollback: acceptsRollback) { entries, changes in
            for (name, answer) in answers.sorted(by: { $0.key < $1.key }) {
                guard let entry = entries[name], entry.accessKeyID == answer.accessKeyID else { continue }
                try changes.append(.edit, name: name, entry: answer.applied(to: entry))
            }
        }
    }
}
