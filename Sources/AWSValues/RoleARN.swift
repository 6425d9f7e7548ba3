/// The name of a role over all of AWS, taken apart: `arn:aws:iam::123456789012:role/path/Name`.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
package struct RoleARN: Equatable, Sendable {
    package let partition: AWSPartition
    /// 12 digits.
    package let accountID: String
    /// The path and the name, for example `service-role/Deploy`.
    package let resource: String

    /// Nil when the text is no role's ARN, of at most 2048 characters.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard text.utf8.count <= 2048, parts.count == 6, parts[0] == "arn",
            let partition = AWSPartition(rawValue: String(parts[1])), parts[2] == "iam", parts[3].isEmpty,
            parts[4].utf8.count == 12, parts[4].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            parts[5].hasPrefix("role/"), parts[5].utf8.count > 5, !parts[5].hasSuffix("/"),
            parts[5].utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        self.partition = partition
        accountID = String(parts[4])
        resource = String(parts[5].dropFirst(5))
    }
}
