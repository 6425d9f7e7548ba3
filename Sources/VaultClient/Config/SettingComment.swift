import ProgramSupport

/// A comment behind a value, which the AWS CLI takes for a part of the value.
package enum SettingComment {
    /// What to say behind a complaint about the value; nil when there is no such comment.
    package static func note(in value: String) -> String? {
        comment(in: value).map {
            "; '\(String($0.prefix(80)).printable)' is part of the value for the AWS CLI, not a comment"
        }
    }

    package static func cure(for value: String) -> String? {
        comment(in: value).map { _ in "put the comment on a line of its own" }
    }

    private static func comment(in value: String) -> Substring? {
        for (place, next) in zip(value.indices, value.indices.dropFirst())
        where " \t".contains(value[place]) && "#;".contains(value[next]) {
            return value[next...]
        }
        return nil
    }
}
