import ArgumentParser
import VaultClient

/// How AWS is asked for the sessions of an entry or a role. An empty value takes a setting away.
struct RequestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Where requests to STS go instead of the public endpoint.", valueName: "url"))
    var stsEndpoint: String?

    @Option(
        help: ArgumentHelp(
            "Where requests to IAM go instead of the public endpoint; of a key only.", valueName: "url"))
    var iamEndpoint: String?

    @Option(
        help: ArgumentHelp("The certificates to trust instead of the system's.", valueName: "path"))
    var caBundle: String?

    @Option(help: ArgumentHelp("The ARN or serial number of the user's MFA device.", valueName: "serial"))
    var mfaSerial: String?

    @Option(
        help: ArgumentHelp(
            "How long sessions are asked for: 30m to 12h for roles (1h in chains), to 36h for keys.",
            valueName: "duration"))
    var duration: String?

    var settings: RequestSettings {
        RequestSettings(
            stsEndpoint: stsEndpoint, iamEndpoint: iamEndpoint, caBundle: caBundle, mfaSerial: mfaSerial,
            duration: duration)
    }
}
