/// A service that requests are signed for.
package enum AWSService: Sendable {
    case sts
    case iam

    /// As it is named in a signature.
    var name: String {
        switch self {
        case .sts: "sts"
        case .iam: "iam"
        }
    }

    /// The version of its interface.
    var version: String {
        switch self {
        case .sts: "2011-06-15"
        case .iam: "2010-05-08"
        }
    }
}

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

    var suffix: String { self == .china ? "amazonaws.com.cn" : "amazonaws.com" }

    /// Where requests go that name no region.
    package var defaultRegion: String {
        switch self {
        case .standard: "us-east-1"
        case .china: "cn-north-1"
        case .government: "us-gov-west-1"
        }
    }

    /// IAM has one endpoint in each partition, and requests to it are signed for the default region.
    var iamHost: String {
        switch self {
        case .standard: "iam.amazonaws.com"
        case .china: "iam.cn-north-1.amazonaws.com.cn"
        case .government: "iam.us-gov.amazonaws.com"
        }
    }
}
