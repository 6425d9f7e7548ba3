import AWSValues
package import CredentialVault
import Platform
import ProgramSupport

/// What is told of a role.
package enum RoleFacts {
    package static func all(_ role: Role, in entries: EntryList, profiles: [String]) -> [EntryFacts.Fact] {
        var facts: [EntryFacts.Fact] = []
        func text(_ key: String, _ label: String, _ value: String?) {
            guard let value else { return }
            facts.append(.init(key: key, label: label, text: value, json: .string(value)))
        }
        func list(_ key: String, _ label: String, _ values: [String]) {
            guard !values.isEmpty else { return }
            facts.append(
                .init(
                    key: key, label: label, text: values.joined(separator: ", "),
                    json: .array(values.map { .string($0) })))
        }
        text("name", "name", role.name)
        text("role_arn", "role", role.roleARN)
        text("account_id", "account", RoleARN(role.roleARN)?.accountID)
        text("source", "source", role.source.isEmpty ? nil : role.source)
        list("chain", "chain", chain(role, in: entries))
        text("mfa_serial", "MFA device", role.mfaSerial)
        if let seconds = role.sessionSeconds {
            facts.append(.duration("duration_seconds", "duration", seconds))
        }
        text("external_id", "external ID", role.externalID)
        text("policy", "policy", role.policy)
        list("policy_arns", "policies", role.policyARNs)
        list("tags", "tags", role.tags)
        list("transitive_tags", "transitive tags", role.transitiveTagKeys)
        text("source_identity", "source identity", role.sourceIdentity)
        text("session_name", "session name", role.sessionName)
        text("sts_endpoint", "STS endpoint", role.stsEndpoint)
        text("ca_bundle", "CA bundle", role.caBundle)
        text("region", "region", role.region)
        text("note", "note", role.note)
        for (key, label, time) in [
            ("sealed_at", "sealed", role.sealedAt), ("changed_at", "changed", role.changedAt),
        ] {
            facts.append(
                .init(
                    key: key, label: label, text: LocalTime.text(time), json: .string(EntryFacts.time(time))))
        }
        facts.append(
            .init(
                key: "profiles", label: "profiles", text: profiles.joined(separator: ", "),
                json: .array(profiles.map { .string($0) })))
        return facts
    }

    package static func json(_ role: Role, in entries: EntryList, profiles: [String]) -> JSONText {
        .object(all(role, in: entries, profiles: profiles).map { ($0.key, $0.json) })
    }

    /// The names from the role down to the key; what is gone ends it.
    package static func chain(_ role: Role, in entries: EntryList) -> [String] {
        var names = [role.name]
        var next = role.source
        while !next.isEmpty, names.count < 10, !names.contains(next) {
            names.append(next)
            next = entries.role(next)?.source ?? ""
        }
        return names
    }

    private static func shownChain(_ role: Role, in entries: EntryList) -> String {
        let names = chain(role, in: entries)
        let isWhole = names.last.map { entries[$0] != nil } ?? false
        return names.joined(separator: " < ") + (isWhole ? "" : " < nothing")
    }

    /// The region of a role, which is its own or that of what assumes it.
    package static func region(of name: String, in entries: EntryList) -> String? {
        guard let role = entries.role(name) else { return nil }
        for name in chain(role, in: entries) {
            if let region = entries.role(name)?.region ?? entries[name]?.region { return region }
        }
        return nil
    }

    package static func table(_ entries: EntryList, _ profiles: ProfileIndex) -> [[String]] {
        [["NAME", "ROLE", "CHAIN", "PROFILES"]]
            + entries.roles.map { role in
                [
                    role.name, role.roleARN.printable, shownChain(role, in: entries).printable,
                    profiles[role.name].joined(separator: ",").printable,
                ]
            }
    }
}
