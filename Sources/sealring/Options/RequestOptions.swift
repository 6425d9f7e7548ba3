import ArgumentParser
import VaultClient

/// How AWS is asked for the sessions of an entry or a role. An empty value takes a setting away.
struct RequestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Send STS requests to this URL instead of the public endpoint.", valueName: "url"))
    var stsEndpoint: String?

    @Option(
        help: ArgumentHelp(
            "Send IAM requests to this URL instead of the public endpoint (keys only).", valueName: "url"))
    var iamEndpoint: String?

    @Option(
        help: ArgumentHelp("Trust these certificates instead of the system's.", valueName: "path"))
    var caBundle: String?

    @Option(help: ArgumentHelp("ARN or serial number of the user's MFA device.", valueName: "serial"))
    var mfaSerial: String?

    @Option(
        help: ArgumentHelp(
            "Session duration: 30m to 12h for roles (1h when chained), up to 36h for keys.",
            valueName: "duration"))
    var duration: String?

    var settings: RequestSettings {
        RequestSettings(
            stsEndpoint: stsEndpoint, iamEndpoint: iamEndpoint, caBundle: caBundle, mfaSerial: mfaSerial,
            duration: duration)
    }
}
