import ArgumentParser
import VaultClient

/// What is particular to a role. An empty value takes a setting away.
struct RoleOptions: ParsableArguments {
    @Option(name: .customLong("role-arn"), help: "The role, as arn:aws:iam::123456789012:role/Name.")
    var roleARN: String?

    @Option(help: ArgumentHelp("The key or the role that assumes it.", valueName: "entry"))
    var source: String?

    @Option(name: .customLong("external-id"), help: "What the role's owner asks of its callers.")
    var externalID: String?

    @Option(help: ArgumentHelp("A policy in JSON that narrows the session.", valueName: "path"))
    var policyFile: String?

    @Option(
        name: .customLong("policy-arn"),
        help: ArgumentHelp(
            "A managed policy that narrows the session; several times for more.", valueName: "arn"))
    var policyARNs: [String] = []

    @Option(
        help: ArgumentHelp(
            "Tags of the session, as key=value; several times for more.", valueName: "key=value"))
    var tags: [String] = []

    @Option(
        name: .customLong("transitive-tag"),
        help: ArgumentHelp("A tag's key that goes on to further roles.", valueName: "key"))
    var transitiveTags: [String] = []

    @Option(help: ArgumentHelp("Who stands behind the session.", valueName: "id"))
    var sourceIdentity: String?

    @Option(help: ArgumentHelp("What the session is called in AWS's logs.", valueName: "name"))
    var sessionName: String?

    var settings: RoleSettings {
        RoleSettings(
            roleARN: roleARN, source: source, externalID: externalID, policyFile: policyFile,
            policyARNs: policyARNs, tags: tags, transitiveTags: transitiveTags,
            sourceIdentity: sourceIdentity, sessionName: sessionName)
    }
}
