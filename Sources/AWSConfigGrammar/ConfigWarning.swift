/// Something that keeps the AWS CLI and boto3 from reading the file, or a section, as it seems to be
/// meant. The file can be edited all the same.
package enum ConfigWarning: Equatable, Sendable {
    /// The file begins with a byte order mark: botocore refuses the whole file.
    case byteOrderMark
    /// The line is not UTF-8: botocore rejects the whole file.
    case notUTF8(line: Int)
    /// A header stands twice: botocore refuses the whole file.
    case sectionTwice(header: String, line: Int, first: Int)
    /// Two headers are spelled differently and name one profile: the last one counts alone.
    case profileTwice(profile: String, line: Int, first: Int)
    /// A setting stands twice in a section: botocore refuses the whole file.
    case settingTwice(line: Int, first: Int)
    /// The line is neither a header, a setting nor a comment: botocore refuses the whole file.
    case unreadableLine(Int)
    /// A header has no `]`: botocore refuses the whole file.
    case headerWithoutBracket(line: Int)
    /// A setting or other text stands before the first header: botocore refuses the whole file.
    case beforeFirstSection(line: Int)
    /// A line of a nested block has no `=`: botocore refuses the whole file.
    case nestedLineWithoutValue(Int)
    /// The section looks like this profile, but botocore does not read it as one.
    case lookalike(profile: String, line: Int)

    /// Whether botocore refuses the whole file for it.
    package var refusesFile: Bool {
        switch self {
        case .profileTwice, .lookalike: false
        default: true
        }
    }

    /// The most warnings that a document gives.
    package static let limit = 32

    /// The warning in words, without the path.
    package var message: String {
        switch self {
        case .byteOrderMark:
            "the AWS CLI cannot read the file: it begins with a byte order mark (save it without)"
        case .notUTF8(let line):
            "the AWS CLI cannot read the file: line \(line) is not valid UTF-8"
        case .sectionTwice(let header, let line, let first):
            "the AWS CLI cannot read the file: line \(line) repeats the section "
                + "[\(escaped(header))] of line \(first) (join the two)"
        case .profileTwice(let profile, let line, let first):
            "profile '\(escaped(profile))' has sections on lines \(first) and \(line); only the last one counts"
        case .settingTwice(let line, let first):
            "the AWS CLI cannot read the file: line \(line) repeats the setting of line "
                + "\(first) in the same section (remove one)"
        case .unreadableLine(let line):
            "the AWS CLI cannot read the file: line \(line) is not a section, a setting or a comment"
        case .headerWithoutBracket(let line):
            "the AWS CLI cannot read the file: line \(line): the section header has no closing bracket"
        case .beforeFirstSection(let line):
            "the AWS CLI cannot read the file: line \(line) comes before the first section"
        case .nestedLineWithoutValue(let line):
            "the AWS CLI cannot read the file: line \(line) of a nested block has no '='"
        case .lookalike(let profile, let line):
            "the AWS CLI does not read line \(line) as profile '\(escaped(profile))' (remove spaces and text "
                + "around the brackets)"
        }
    }
}
