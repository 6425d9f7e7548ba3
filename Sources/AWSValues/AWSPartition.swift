/// A part of AWS with accounts, regions and hosts of its own.
///
/// Source: botocore's `partitions.json` and `endpoints.json`; for sign-in the endpoint rules of AWS's SDKs and
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html>.
package struct AWSPartition: Equatable, Sendable {
    /// As ARNs name it, for example `aws-cn`.
    package let name: String
    /// What the names of its regions begin with; empty for the partition that takes all other regions.
    let regionPrefix: String
    /// The end of its hosts.
    package let suffix: String
    /// Where requests go that name no region, and the region that requests to IAM are signed for.
    package let defaultRegion: String
    /// IAM has one endpoint in each partition.
    package let iamHost: String
    /// The end of the hosts of the web console and of its sign-in.
    let consoleDomain: String
    /// Whether sign-in has one host for all regions.
    let hasGlobalSignin: Bool

    package static let standard = AWSPartition(
        name: "aws", regionPrefix: "", suffix: "amazonaws.com", defaultRegion: "us-east-1",
        iamHost: "iam.amazonaws.com", consoleDomain: "aws.amazon.com", hasGlobalSignin: true)

    package static let all: [AWSPartition] = [
        standard,
        AWSPartition(
            name: "aws-cn", regionPrefix: "cn-", suffix: "amazonaws.com.cn", defaultRegion: "cn-north-1",
            iamHost: "iam.cn-north-1.amazonaws.com.cn", consoleDomain: "amazonaws.cn", hasGlobalSignin: true),
        AWSPartition(
            name: "aws-us-gov", regionPrefix: "us-gov-", suffix: "amazonaws.com",
            defaultRegion: "us-gov-west-1", iamHost: "iam.us-gov.amazonaws.com",
            consoleDomain: "amazonaws-us-gov.com", hasGlobalSignin: true),
        AWSPartition(
            name: "aws-eusc", regionPrefix: "eusc-de-", suffix: "amazonaws.eu",
            defaultRegion: "eusc-de-east-1", iamHost: "iam.eusc-de-east-1.amazonaws.eu",
            consoleDomain: "amazonaws-eusc.eu", hasGlobalSignin: false),
        AWSPartition(
            name: "aws-iso", regionPrefix: "us-iso-", suffix: "c2s.ic.gov", defaultRegion: "us-iso-east-1",
            iamHost: "iam.us-iso-east-1.c2s.ic.gov", consoleDomain: "c2shome.ic.gov", hasGlobalSignin: false),
        AWSPartition(
            name: "aws-iso-b", regionPrefix: "us-isob-", suffix: "sc2s.sgov.gov",
            defaultRegion: "us-isob-east-1", iamHost: "iam.us-isob-east-1.sc2s.sgov.gov",
            consoleDomain: "sc2shome.sgov.gov", hasGlobalSignin: false),
        AWSPartition(
            name: "aws-iso-e", regionPrefix: "eu-isoe-", suffix: "cloud.adc-e.uk",
            defaultRegion: "eu-isoe-west-1", iamHost: "iam.eu-isoe-west-1.cloud.adc-e.uk",
            consoleDomain: "csphome.adc-e.uk", hasGlobalSignin: false),
        AWSPartition(
            name: "aws-iso-f", regionPrefix: "us-isof-", suffix: "csp.hci.ic.gov",
            defaultRegion: "us-isof-south-1", iamHost: "iam.us-isof-south-1.csp.hci.ic.gov",
            consoleDomain: "csphome.hci.ic.gov", hasGlobalSignin: false),
    ]

    /// The partition of this name; nil for one that is not in the table.
    package static func named(_ name: some StringProtocol) -> AWSPartition? { all.first { $0.name == name } }

    /// The names of all, for messages.
    package static var names: String { all.map { $0.name }.joined(separator: ", ") }

    /// The partition of a region, which may be missing or not AWS's: then it is the standard one.
    package init(region: String) {
        do { self = try AWSRegion.partition(of: region) } catch { self = .standard }
    }

    /// Where STS is asked for a region.
    package func stsHost(_ region: String) -> String { "sts.\(region).\(suffix)" }

    /// Where a session becomes a token that opens the web console, and where that token is taken to.
    package func signinHost(_ region: String) -> String {
        hasGlobalSignin ? "signin.\(consoleDomain)" : "\(region).signin.\(consoleDomain)"
    }

    /// Where the web console is.
    package var consoleHost: String { "console.\(consoleDomain)" }

    private init(
        name: String, regionPrefix: String, suffix: String, defaultRegion: String, iamHost: String,
        consoleDomain: String, hasGlobalSignin: Bool
    ) {
        self.name = name
        self.regionPrefix = regionPrefix
        self.suffix = suffix
        self.defaultRegion = defaultRegion
        self.iamHost = iamHost
        self.consoleDomain = consoleDomain
        self.hasGlobalSignin = hasGlobalSignin
    }
}
