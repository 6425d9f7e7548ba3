import ArgumentParser
import VaultClient

/// How AWS is asked for the sessions of an entry or a role. An empty value takes a setting away.
struct RequestOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Send STS requests to this URL instead of the public endpoint.", valueName: "url"))
    var stsEndpoint: String?

    @Option(
        help: ArgumentHelp("Trust these certificates instead of the system's.", valueName: "path"),
        completion: .file())
    var caBundle: String?

    @Option(help: ArgumentHelp("ARN or serial number of the user's MFA device.", valueName: "serial"))
    var mfaSerial: String?

    /// - Parameters:
    ///   - iamEndpoint: where requests to IAM go, which only keys make.
    ///   - duration: how long a session lasts.
    func settings(iamEndpoint: String?, duration: String?) -> RequestSettings {
        RequestSettings(
            stsEndpoint: stsEndpoint, iamEndpoint: iamEndpoint, caBundle: caBundle, mfaSerial: mfaSerial,
            duration: duration)
    }
}
