/// A kind of word that AWS's STS takes with a request for a session: letters and digits of ASCII, and some signs.
///
/// Sources: <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html> and
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html>.
package struct STSWord: Sendable {
    /// How many characters one may have, each of which is one byte.
    package let lengths: ClosedRange<Int>
    /// The signs that it may have.
    package let signs: String

    /// What a role's session is called.
    package static var sessionName: STSWord { STSWord(lengths: 2...64, signs: "=,.@-_+") }
    /// Who stands behind a role's session.
    package static var sourceIdentity: STSWord { STSWord(lengths: 2...64, signs: "=,.@-_+") }
    /// What a role's owner asks for, to tell its callers apart.
    package static var externalID: STSWord { STSWord(lengths: 2...1224, signs: "=,.@:/-_+") }
    /// What the session of a federated user is called.
    package static var federatedUser: STSWord { STSWord(lengths: 2...32, signs: "=,.@-_+") }

    /// What such a word must be, as a hint.
    package var rule: String {
        "it must have \(lengths.lowerBound) to \(lengths.upperBound) letters, digits and \(signs)"
    }

    /// Whether the text is such a word.
    package func isValid(_ text: String) -> Bool {
        lengths.contains(text.utf8.count) && text.utf8.allSatisfy(isAllowed)
    }

    /// What such a word may have of a text, up to the most characters.
    package func allowed(in text: String) -> String {
        String(decoding: text.utf8.lazy.filter(isAllowed).prefix(lengths.upperBound), as: UTF8.self)
    }

    private func isAllowed(_ byte: UInt8) -> Bool {
        byte.isDigit || byte.isLetter || signs.utf8.contains(byte)
    }
}
