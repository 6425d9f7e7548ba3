/// A part of AWS with accounts of its own.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>.
package enum AWSPartition: String, Sendable, CaseIterable {
    case standard = "aws"
    case china = "aws-cn"
    case government = "aws-us-gov"

    /// The partition that a region lies in.
    package init(region: String) {
        if region.hasPrefix("cn-") {
            self = .china
        } else {
            self = region.hasPrefix("us-gov-") ? .government : .standard
        }
    }

    package var suffix: String { self == .china ? "amazonaws.com.cn" : "amazonaws.com" }

    /// Where requests go that name no region.
    package var defaultRegion: String {
        switch self {
        case .standard: "us-east-1"
        case .china: "cn-north-1"
        case .government: "us-gov-west-1"
        }
    }

    /// Where a session becomes a token that opens the web console, and where that token is taken to.
    package var signinHost: String {
        switch self {
        case .standard: "signin.aws.amazon.com"
        case .china: "signin.amazonaws.cn"
        case .government: "signin.amazonaws-us-gov.com"
        }
    }

    /// Where the web console is.
    package var consoleHost: String {
        switch self {
        case .standard: "console.aws.amazon.com"
        case .china: "console.amazonaws.cn"
        case .government: "console.amazonaws-us-gov.com"
        }
    }

    /// IAM has one endpoint in each partition, and requests to it are signed for the default region.
    package var iamHost: String {
        switch self {
        case .standard: "iam.amazonaws.com"
        case .china: "iam.cn-north-1.amazonaws.com.cn"
        case .government: "iam.us-gov.amazonaws.com"
        }
    }
}
