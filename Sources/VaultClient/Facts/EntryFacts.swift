import AWSValues
import AgentProtocol
package import CredentialVault
import Platform

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
        text("name", "name", entry.name)
        text("access_key_id", "access key id", entry.accessKeyID)
        text("account_id", "account", entry.accountID)
        text("user_name", "user", entry.userName)
        text("created_at", "created", entry.createdAt.map(time))
        text("sealed_at", "sealed", time(entry.sealedAt))
        text("changed_at", "changed", time(entry.changedAt))
        text("expiration", "expires", entry.expiration.map(time))
        text("source", "source", entry.source)
        text("region", "region", entry.region)
        text("note", "note", entry.note)
        if let seconds = entry.exposeFor {
            facts.append(
                Fact(
                    key: "expose_for_seconds", label: "expose for", text: "\(seconds) s",
                    json: .number(Int64(seconds))))
        }
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
        if let seconds = entry.sessionSeconds {
            facts.append(
                Fact(
                    key: "duration_seconds", label: "duration", text: "\(seconds) s",
                    json: .number(Int64(seconds))))
        }
        text("sts_endpoint", "STS endpoint", entry.stsEndpoint)
        text("iam_endpoint", "IAM endpoint", entry.iamEndpoint)
        text("ca_bundle", "CA bundle", entry.caBundle)
        text("last_used_at", "last used", entry.lastUsedAt.map(time))
        text("last_used_asked_at", "asked", entry.lastUsedAskedAt.map(time))
        if let rotation = entry.rotation {
            text("rotation_phase", "rotation", rotation.phase.text)
            text("rotation_began_at", "begun", time(rotation.beganAt))
            text("other_access_key_id", "other key", rotation.otherAccessKeyID)
            text("other_delete_after", "delete after", rotation.deleteAfter.map(time))
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

    /// The age of the key in days, by AWS's date when it is known.
    package static func age(of entry: Entry) -> String {
        let days = (UnixTime.now() - (entry.createdAt ?? entry.sealedAt)) / 86_400
        return "\(max(days, 0)) d"
    }

    package static func time(_ seconds: Int64) -> String {
        Timestamp.text(seconds)
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
