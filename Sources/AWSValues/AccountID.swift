/// The number of an AWS account.
package enum AccountID {
    /// The number of digits.
    package static var length: Int { 12 }

    /// What is wrong with a text that is not an account ID, to follow "invalid account ID: ".
    package static var rule: String { "it must have \(length) digits" }

    /// Whether the bytes are 12 digits.
    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        bytes.count == length && bytes.allSatisfy { $0.isDigit }
    }

    /// Whether the text is 12 digits.
    package static func isValid(_ text: String) -> Bool { isValid(text.utf8.span) }
}
