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
