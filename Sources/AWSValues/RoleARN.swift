/// The parts of a role's ARN: `arn:aws:iam::123456789012:role/path/Name`.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
package struct RoleARN: Equatable, Sendable {
    package let partition: AWSPartition
    /// 12 digits.
    package let accountID: String
    /// The path and the name, for example `service-role/Deploy`.
    package let resource: String

    /// The most characters of an ARN.
    package static var limit: Int { 2048 }

    /// Nil if the text is not a role's ARN of at most ``limit`` characters.
    package init?(_ text: String) {
        guard let parts = IAMName(text), let partition = AWSPartition.named(parts.partition),
            parts.resource.hasPrefix("role/"), parts.resource.utf8.count > 5, !parts.resource.hasSuffix("/")
        else { return nil }
        self.partition = partition
        accountID = String(parts.account)
        resource = String(parts.resource.dropFirst(5))
    }

    /// The unknown partition of an IAM ARN; nil if the partition is known, or the text is not such an ARN.
    package static func unknownPartition(in text: String) -> String? {
        guard let parts = IAMName(text), AWSPartition.named(parts.partition) == nil else { return nil }
        return String(parts.partition)
    }
}

/// The parts of an ARN of IAM, of at most ``RoleARN/limit`` visible characters: `arn:PARTITION:iam::ACCOUNT:RESOURCE`.
struct IAMName {
    let partition: Substring
    let account: Substring
    let resource: Substring

    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard text.utf8.count <= RoleARN.limit, parts.count == 6, parts[0] == "arn", parts[2] == "iam",
            parts[3].isEmpty, AccountID.isValid(String(parts[4])), parts[5].utf8.allSatisfy({ $0.isVisible }),
            (1...32).contains(parts[1].utf8.count),
            parts[1].utf8.allSatisfy({ $0.isLowercaseLetter || $0.isDigit || $0 == UInt8(ascii: "-") })
        else { return nil }
        (partition, account, resource) = (parts[1], parts[4], parts[5])
    }
}
