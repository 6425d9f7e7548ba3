import AWSValues
import CredentialImport
package import CredentialVault
import DurableFiles
import ProgramSupport
import SecureMemory

/// What is particular to a role. An empty value takes a setting away.
package struct RoleSettings {
    package var roleARN: String?
    package var source: String?
    package var externalID: String?
    package var policyFile: String?
    package var policyARNs: [String]
    package var tags: [String]
    package var transitiveTags: [String]
    package var sourceIdentity: String?
    package var sessionName: String?

    package init(
        roleARN: String?, source: String?, externalID: String?, policyFile: String?, policyARNs: [String],
        tags: [String], transitiveTags: [String], sourceIdentity: String?, sessionName: String?
    ) {
        self.roleARN = roleARN
        self.source = source
        self.externalID = externalID
        self.policyFile = policyFile
        self.policyARNs = policyARNs
        self.tags = tags
        self.transitiveTags = transitiveTags
        self.sourceIdentity = sourceIdentity
        self.sessionName = sessionName
    }

    package var isEmpty: Bool {
        roleARN == nil && source == nil && externalID == nil && policyFile == nil && policyARNs.isEmpty
            && tags.isEmpty && transitiveTags.isEmpty && sourceIdentity == nil && sessionName == nil
    }

    /// Checks what needs no role to be checked against.
    func check() throws {
        var blank = Role(name: "", roleARN: "", source: "")
        try set(in: &blank)
    }

    package func apply(to role: inout Role) throws {
        try set(in: &role)
        let keys = Set(role.tags.map { Self.key(of: $0) })
        for key in role.transitiveTagKeys where !keys.contains(key) {
            throw Failure(
                .usage, "no session tag has the key '\(key.printable)', which --transitive-tag names",
                hint: "add the tag with --tag \(key.printable)=VALUE")
        }
    }

    private func set(in role: inout Role) throws {
        if let roleARN {
            role.roleARN = try Self.roleARN(roleARN)
        }
        if let source {
            guard !source.isEmpty else {
                throw Failure(.usage, "a role needs a source", hint: "name another key or role with --source")
            }
            role.source = source
        }
        if let text = externalID {
            role.externalID = try Self.externalID(text)
        }
        if let path = policyFile { role.policy = try path.isEmpty ? nil : Self.policy(path) }
        if !policyARNs.isEmpty { role.policyARNs = try Self.policies(policyARNs) }
        if !tags.isEmpty { role.tags = try Self.checkedTags(tags) }
        if !transitiveTags.isEmpty { role.transitiveTagKeys = try Self.transitive(transitiveTags) }
        if let text = sourceIdentity {
            role.sourceIdentity = try Self.word(text, "source identity", .sourceIdentity)
        }
        if let text = sessionName {
            role.sessionName = try Self.sessionName(text)
        }
    }

    package static func roleARN(_ text: String) throws -> String {
        guard RoleARN(text) != nil else {
            let shown = String(text.prefix(200)).printable
            if let partition = RoleARN.unknownPartition(in: text) {
                throw Failure(
                    .usage, "invalid role '\(shown)': unknown partition '\(partition)'",
                    hint: "the partitions are \(AWSPartition.names)")
            }
            throw Failure(
                .usage, "invalid role '\(shown)': it is not the ARN of a role",
                hint: "write its ARN, as arn:aws:iam::123456789012:role/Name")
        }
        return text
    }

    package static func externalID(_ text: String) throws -> String? {
        try word(text, "external ID", .externalID)
    }

    package static func sessionName(_ text: String) throws -> String? {
        try word(text, "session name", .sessionName)
    }

    private static func word(_ text: String, _ what: String, _ kind: STSWord) throws -> String? {
        guard !text.isEmpty else { return nil }
        guard kind.isValid(text) else {
            throw Failure(
                .usage, "invalid \(what) '\(String(text.prefix(100)).printable)'", hint: kind.rule)
        }
        return text
    }

    private static func policy(_ path: String) throws -> String {
        let file = try FileHandle.open(try Paths.absolute(path))
        try file.status().requireRegular(path)
        let bytes = try file.readAll(limit: 64 << 10)
        guard let text = unsafe bytes.withUnsafeBytes({ unsafe String(validating: $0, as: UTF8.self) }) else {
            throw Failure(.malformed, "\(path.printable) is not UTF-8 text", hint: jsonHint)
        }
        do {
            try JSONGrammar.requireObject(text)
        } catch { throw Failure(.malformed, "\(path.printable): \(error)", hint: jsonHint) }
        let compact = PolicyText.compact(text)
        guard compact.utf8.count <= 2048 else {
            throw Failure(
                .malformed, "\(path.printable) is too long: AWS accepts at most 2048 characters",
                hint: "create a managed policy, and name it with --policy-arn")
        }
        return compact
    }

    private static let jsonHint = "a policy is a JSON object with a Version and a Statement"

    private static func policies(_ arns: [String]) throws -> [String] {
        let arns = arns.filter { !$0.isEmpty }
        guard arns.count <= 10 else {
            throw Failure(.usage, "too many managed policies: AWS accepts at most 10")
        }
        for arn in arns where !arn.hasPrefix("arn:aws") || !arn.contains(":policy/") || !isVisible(arn) {
            throw Failure(
                .usage, "invalid policy ARN '\(String(arn.prefix(200)).printable)'",
                hint: "write its ARN, as arn:aws:iam::aws:policy/ReadOnlyAccess")
        }
        return arns
    }

    private static func isVisible(_ text: String) -> Bool {
        text.utf8.count <= 2048 && text.utf8.allSatisfy(\.isVisible)
    }

    private static func checkedTags(_ tags: [String]) throws -> [String] {
        let tags = tags.filter { !$0.isEmpty }
        guard tags.count <= 50 else { throw Failure(.usage, "too many session tags: AWS accepts at most 50") }
        var keys: Set<String> = []
        for tag in tags {
            let key = key(of: tag)
            guard tag.contains("="), (1...128).contains(key.count), tag.count - key.count - 1 <= 256,
                UTF8Text.isPlain(tag), !key.lowercased().hasPrefix("aws:")
            else {
                throw Failure(
                    .usage, "invalid tag '\(String(tag.prefix(100)).printable)'",
                    hint:
                        "write it as key=value, with at most 128 and 256 characters; the key must not begin with aws:"
                )
            }
            guard keys.insert(key.lowercased()).inserted else {
                throw Failure(.usage, "duplicate session tag '\(key.printable)'")
            }
        }
        return tags
    }

    private static func transitive(_ keys: [String]) throws -> [String] {
        let keys = keys.filter { !$0.isEmpty }
        for (index, key) in keys.enumerated() where keys[..<index].contains(key) {
            throw Failure(.usage, "duplicate transitive tag '\(String(key.prefix(100)).printable)'")
        }
        return keys
    }

    private static func key(of tag: String) -> String { String(tag.prefix { $0 != "=" }) }
}
