import AWSValues
import AgentProtocol
package import CredentialVault
import Platform
import ProgramSupport

/// What is told of an entry, in the order and under the keys that scripts rely on.
package enum EntryFacts {
    package struct Fact {
        package let key: String
        package let label: String
        package let text: String
        package let json: JSONText
    }

    package static func all(_ entry: Entry, profiles: [String]) -> [Fact] {
        var facts: [Fact] = []
        func text(_ key: String, _ label: String, _ value: String?) {
            guard let value else { return }
            facts.append(Fact(key: key, label: label, text: value, json: .string(value)))
        }
        func moment(_ key: String, _ label: String, _ seconds: Int64?) {
            guard let seconds else { return }
            facts.append(
                Fact(key: key, label: label, text: LocalTime.text(seconds), json: .string(time(seconds))))
        }
        func duration(_ key: String, _ label: String, _ seconds: UInt32?) {
            guard let seconds else { return }
            facts.append(.duration(key, label, seconds))
        }
        text("name", "name", entry.name)
        text("access_key_id", "access key ID", entry.accessKeyID)
        text("account_id", "account", entry.accountID)
        text("user_name", "user", entry.userName)
        moment("created_at", "created", entry.createdAt)
        moment("sealed_at", "sealed", entry.sealedAt)
        moment("changed_at", "changed", entry.changedAt)
        moment("expiration", "expires", entry.expiration)
        text("source", "source", entry.source)
        text("region", "region", entry.region)
        text("note", "note", entry.note)
        duration("expose_for_seconds", "expose for", entry.exposeFor)
        switch entry.serve {
        case .key: break
        case .session: text("serve", "serves", "session")
        case .role(let name):
            text("serve", "serves", "role")
            text("served_role", "role", name)
        }
        text("mfa_serial", "MFA device", entry.mfaSerial)
        if entry.hasOneTimeCodeSeed {
            facts.append(Fact(key: "mfa_seed", label: "MFA seed", text: "sealed", json: .boolean(true)))
        }
        duration("duration_seconds", "duration", entry.sessionSeconds)
        text("sts_endpoint", "STS endpoint", entry.stsEndpoint)
        text("iam_endpoint", "IAM endpoint", entry.iamEndpoint)
        text("ca_bundle", "CA bundle", entry.caBundle)
        moment("last_used_at", "last used", entry.lastUsedAt)
        moment("last_used_asked_at", "asked", entry.lastUsedAskedAt)
        if let rotation = entry.rotation {
            text("rotation_phase", "rotation", rotation.phase.text)
            moment("rotation_began_at", "begun", rotation.beganAt)
            text("other_access_key_id", "other key", rotation.otherAccessKeyID)
            moment("other_delete_after", "delete after", rotation.deleteAfter)
        }
        if entry.hasSessionToken {
            facts.append(
                Fact(key: "session_token", label: "session token", text: "yes", json: .boolean(true)))
        }
        facts.append(
            Fact(
                key: "profiles", label: "profiles", text: profiles.joined(separator: ", "),
                json: .array(profiles.map { .string($0) })))
        return facts
    }

    package static func json(_ entry: Entry, profiles: [String]) -> JSONText {
        .object(all(entry, profiles: profiles).map { ($0.key, $0.json) })
    }

    /// The age of the key in days, by AWS's date; where that is not known, it was sealed so long ago.
    package static func age(of entry: Entry) -> String {
        let days = (UnixTime.now() - (entry.createdAt ?? entry.sealedAt)) / 86_400
        return "\(entry.createdAt == nil ? "at least " : "")\(max(days, 0))d"
    }

    /// As JSON has it, in UTC. People read ``LocalTime``.
    package static func time(_ seconds: Int64) -> String {
        Timestamp.text(seconds)
    }
}

extension EntryFacts.Fact {
    static func duration(_ key: String, _ label: String, _ seconds: UInt32) -> Self {
        Self(
            key: key, label: label, text: ShownDuration.text(Int64(seconds)), json: .number(Int64(seconds)))
    }
}

extension Rotation.Phase {
    /// The word for it, which scripts rely on.
    package var text: String {
        switch self {
        case .intended: "intended"
        case .created: "created"
        case .switched: "switched"
        case .deactivated: "deactivated"
        case .abandoned: "abandoned"
        case .later: "later"
        }
    }
}
