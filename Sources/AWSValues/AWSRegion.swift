/// What a region may be: one rule for files, options, profiles and requests.
package enum AWSRegion {
    /// The most characters: it becomes one label of a host's name.
    package static let limit = 63

    /// Why a text cannot be used as a region.
    package enum Fault: Error, Equatable, Sendable {
        /// It could not be a part of a host's name.
        case form
        /// It names an availability zone or a local zone of this region.
        case zone(of: String)
        /// It is a region of a store that is not AWS, such as `auto`, and STS has no host there.
        case foreign
        /// It is named like a region of a partition that is not in the table.
        case unknownPartition

        /// The end of a sentence that begins with the region.
        package var reason: String {
            switch self {
            case .form:
                "a region has 1 to \(limit) lower-case letters, digits and hyphens, such as eu-central-1"
            case .zone(let region): "this is a zone; its region is \(region)"
            case .foreign: "AWS has no such region, so it has no STS or IAM there"
            case .unknownPartition: "it belongs to none of the known partitions: \(AWSPartition.names)"
            }
        }
    }

    /// Checks what may be stored and written to a profile. Regions of other stores than AWS pass.
    package static func check(_ region: String) throws(Fault) {
        let bytes = region.utf8
        guard (1...limit).contains(bytes.count), bytes.allSatisfy(isAllowed), bytes.first != hyphen,
            bytes.last != hyphen
        else { throw .form }
        if let own = regionOfZone(region) { throw .zone(of: own) }
    }

    /// The partition of a region that requests to AWS may name.
    ///
    /// As in botocore, three parts whose first one is unknown make a region of the standard partition: AWS adds
    /// such regions.
    package static func partition(of region: String) throws(Fault) -> AWSPartition {
        try check(region)
        if let global = AWSPartition.all.first(where: { region == $0.name + "-global" }) { return global }
        let parts = region.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, let last = parts.last, isNumber(last), !parts.contains("") else {
            throw .foreign
        }
        for partition in AWSPartition.all where !partition.regionPrefix.isEmpty {
            // Beyond the prefix a place and a number follow.
            let rest = region.dropFirst(partition.regionPrefix.count)
            if region.hasPrefix(partition.regionPrefix), rest.split(separator: "-").count == 2 {
                return partition
            }
        }
        guard parts.count == 3 else { throw .unknownPartition }
        return .standard
    }

    /// The region of a zone such as `us-east-1a` or `us-west-2-lax-1a`; nil if the text is not a zone.
    private static func regionOfZone(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 3, knownStarts.contains(String(parts[0])) else { return nil }
        for (place, part) in parts.enumerated().dropFirst(2) {
            let digits = part.prefix { $0.isNumber }
            guard isNumber(digits) else { continue }
            let isWhole = digits.count == part.count
            if isWhole, place == parts.count - 1 { return nil }
            guard isWhole || part.count == digits.count + 1 else { return nil }
            let region = (parts[..<place] + [digits]).joined(separator: "-")
            return (try? partition(of: region)) == nil ? nil : region
        }
        return nil
    }

    /// The first parts of AWS's own regions: only there a name is known to be a zone's.
    private static let knownStarts: Set<String> = [
        "af", "ap", "ca", "cn", "eu", "eusc", "il", "me", "mx", "sa", "us",
    ]

    private static let hyphen = UInt8(ascii: "-")

    private static func isNumber(_ text: some StringProtocol) -> Bool {
        (1...2).contains(text.utf8.count) && text.utf8.allSatisfy { $0.isDigit }
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte.isLowercaseLetter || byte.isDigit || byte == hyphen
    }
}
