import ArgumentParser
import VaultClient

/// What is particular to a role. An empty value takes a setting away.
struct RoleOptions: ParsableArguments {
    @Option(
        name: .customLong("role-arn"), help: "ARN of the role, such as arn:aws:iam::123456789012:role/Name.")
    var roleARN: String?

    @Option(help: ArgumentHelp("Key or role that assumes it.", valueName: "entry"), completion: .names)
    var source: String?

    @Option(name: .customLong("external-id"), help: "External ID that the role's trust policy requires.")
    var externalID: String?

    @Option(help: ArgumentHelp("JSON file with a session policy.", valueName: "path"), completion: .file())
    var policyFile: String?

    @Option(
        name: .customLong("policy-arn"),
        help: ArgumentHelp(
            "ARN of a managed session policy. Can be repeated.", valueName: "arn"))
    var policyARNs: [String] = []

    @Option(
        name: [.customLong("tag"), .customLong("tags")],
        help: ArgumentHelp(
            "Session tag that the role gets, as key=value. Can be repeated.", valueName: "key=value"))
    var tags: [String] = []

    @Option(
        name: .customLong("transitive-tag"),
        help: ArgumentHelp(
            "Key of a session tag to pass on to chained roles. Can be repeated.", valueName: "key"))
    var transitiveTags: [String] = []

    @Option(help: ArgumentHelp("Source identity of the session.", valueName: "id"))
    var sourceIdentity: String?

    @Option(help: ArgumentHelp("Session name, as shown in CloudTrail.", valueName: "name"))
    var sessionName: String?

    var settings: RoleSettings {
        RoleSettings(
            roleARN: roleARN, source: source, externalID: externalID, policyFile: policyFile,
            policyARNs: policyARNs, tags: tags, transitiveTags: transitiveTags,
            sourceIdentity: sourceIdentity, sessionName: sessionName)
    }
}
