/// What an access key ID reveals without asking AWS.
package enum AccessKeyID {
    /// The kinds of access key ids.
    package enum Kind: Sendable, Equatable {
        /// `AKIA` and 16 characters of base32: a user's key.
        case longTerm
        /// `ASIA` and 16 characters of base32: temporary credentials.
        case temporary
        /// Anything else of `[A-Z0-9]{16,128}`, such as the examples of AWS's documentation.
        case unusual
    }

    /// How many characters an id may have.
    package static var lengths: ClosedRange<Int> { 16...128 }

    /// What is wrong with a text that is not an access key ID, to follow "invalid access key ID: ".
    package static var rule: String {
        "it must have \(lengths.lowerBound) to \(lengths.upperBound) capital letters and digits"
    }

    /// Whether the bytes can be an id: `[A-Z0-9]{16,128}`.
    package static func isValid(_ bytes: Span<UInt8>) -> Bool {
        lengths.contains(bytes.count) && bytes.allSatisfy { $0.isUppercaseLetter || $0.isDigit }
    }

    /// Whether the text can be an id.
    package static func isValid(_ id: String) -> Bool { isValid(id.utf8.span) }

    /// The kind of `id`; nil if it cannot be an access key ID.
    package static func classify(_ id: String) -> Kind? {
        guard isValid(id) else { return nil }
        let bytes = id.utf8
        guard bytes.count == 20, bytes.dropFirst(4).allSatisfy({ base32($0) != nil }) else { return .unusual }
        if id.hasPrefix("AKIA") { return .longTerm }
        return id.hasPrefix("ASIA") ? .temporary : .unusual
    }

    /// Whether AWS rejects `id` without a session token.
    package static func needsSessionToken(_ id: String) -> Bool { id.hasPrefix("ASIA") }

    /// The account, 12 digits, that AWS has encoded in ids since 2019; nil for older and unusual ids.
    ///
    /// The 16 characters after the prefix are base32; the account is 40 of their first 48 bits, after one bit
    /// that is left out. Ids from before that have an `I` or `J` after the prefix and carry no account.
    package static func accountID(of id: String) -> String? {
        guard let kind = classify(id), kind != .unusual else { return nil }
        let symbols = id.utf8.dropFirst(4)
        guard let first = symbols.first, first != UInt8(ascii: "I"), first != UInt8(ascii: "J") else {
            return nil
        }
        var bits: UInt64 = 0
        for symbol in symbols.prefix(10) {
            guard let value = base32(symbol) else { return nil }
            bits = bits << 5 | UInt64(value)
        }
        let account = ((bits >> 2) & 0x7fff_ffff_ff80) >> 7
        guard account <= 999_999_999_999 else { return nil }
        let digits = String(account)
        return String(repeating: "0", count: AccountID.length - digits.utf8.count) + digits
    }

    private static func base32(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - UInt8(ascii: "A")
        case UInt8(ascii: "2")...UInt8(ascii: "7"): byte - UInt8(ascii: "2") + 26
        default: nil
        }
    }
}
