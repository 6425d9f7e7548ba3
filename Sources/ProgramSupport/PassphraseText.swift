import AWSValues
package import SecureMemory

/// A passphrase as a file or a command holds it.
///
/// Entries of password managers often have more than one line, the passphrase in the first: that line is tried
/// first, then the text as a whole.
package struct PassphraseText: ~Copyable {
    /// The first line, without its end and a byte order mark.
    package let firstLine: SecretBytes
    /// The text without one line end at its end; nil when it is the first line, or longer than a passphrase.
    package let whole: SecretBytes?
    /// Whether there is more than blanks behind the first line.
    package let hasMoreLines: Bool

    /// The most bytes of a text whose first line is a passphrase.
    package static let textLimit = 16 << 10

    /// - Parameters:
    ///   - limit: the most bytes of a passphrase.
    ///   - source: where the text comes from, for an error.
    package init(_ text: consuming SecretBytes, limit: Int, source: String) throws {
        let parts = Parts(text.bytes.octets)
        guard parts.firstLine.count <= limit else {
            throw Failure(.malformed, "the passphrase from \(source.printable) has more than \(limit) bytes")
        }
        let isLonger = parts.whole != parts.firstLine && (1...limit).contains(parts.whole.count)
        guard !parts.firstLine.isEmpty || isLonger else {
            throw Failure(.malformed, "the passphrase is empty", hint: "it comes from \(source.printable)")
        }
        let firstLine = try text.copy(parts.firstLine)
        let whole: SecretBytes? = isLonger ? try text.copy(parts.whole) : nil
        self.firstLine = firstLine
        self.whole = whole
        hasMoreLines = parts.hasMoreLines
    }

    /// The first line alone.
    package consuming func intoFirstLine() -> SecretBytes { firstLine }

    /// A line that was typed.
    package init(line: consuming SecretBytes) throws {
        guard line.count > 0 else { throw Failure(.malformed, "the passphrase is empty") }
        firstLine = line
        whole = nil
        hasMoreLines = false
    }

    /// Where the parts of the text are.
    private struct Parts {
        var firstLine: Range<Int>
        var whole: Range<Int>
        var hasMoreLines = false

        init(_ bytes: Span<UInt8>) {
            let feed = UInt8(ascii: "\n")
            let start = bytes.hasPrefix("\u{FEFF}") ? 3 : 0
            let first = (start..<bytes.count).first { bytes[$0] == feed } ?? bytes.count
            firstLine = start..<Self.end(of: bytes, before: first, from: start)
            let endsInFeed = bytes.count > 0 && bytes[bytes.count - 1] == feed
            whole = 0..<Self.end(of: bytes, before: endsInFeed ? bytes.count - 1 : bytes.count, from: 0)
            hasMoreLines = !bytes.extracting(first...).allSatisfy { $0 <= 0x20 }
        }

        /// Where a line ends that a line feed may follow: a carriage return before that is part of its end.
        private static func end(of bytes: Span<UInt8>, before feed: Int, from start: Int) -> Int {
            guard feed < bytes.count, feed > start, bytes[feed - 1] == UInt8(ascii: "\r") else {
                return feed
            }
            return feed - 1
        }
    }
}

/// What is asked of a passphrase that is new.
package enum NewPassphrase {
    /// Rejects what cannot be typed at a prompt.
    package static func require(_ passphrase: borrowing SecretBytes) throws(Failure) {
        guard passphrase.count > 0 else {
            throw Failure(.malformed, "the new passphrase is empty", hint: "put it in the first line")
        }
        guard passphrase.bytes.octets.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw Failure(
                .malformed, "the new passphrase contains a control character, which cannot be typed",
                hint: "use a line of text")
        }
    }

    /// Whether someone with a copy of the vault would soon guess it, by a rough estimate.
    package static func isWeak(_ passphrase: borrowing SecretBytes) -> Bool {
        GuessingCost(passphrase.bytes.octets).bits < GuessingCost.enough
    }
}

/// How many guesses a passphrase withstands, roughly and rather too few than too many: letters in a row count
/// as those of words, and what repeats or counts up counts little.
///
/// It knows no dictionary, so that a known passphrase may pass. Source of the figures: about 13 bits for a
/// random word of five letters (diceware), 3.3 for a digit, 4.7 for a letter.
struct GuessingCost {
    /// A hundred thousand guesses a second, more than Argon2id allows a thousand machines, take four months.
    static let enough = 40.0

    private(set) var bits = 0.0

    init(_ bytes: Span<UInt8>) {
        // What follows can only make it stronger.
        for position in 0..<min(bytes.count, 256) {
            if bits >= Self.enough { return }
            bits += Self.cost(bytes, position)
        }
    }

    private static func cost(_ bytes: Span<UInt8>, _ position: Int) -> Double {
        let byte = bytes[position]
        guard position > 0 else { return first(byte) }
        let previous = bytes[position - 1]
        if isRepeated(bytes, position) { return 0.1 }
        if abs(Int(byte) - Int(previous)) <= 1 { return 1 }
        switch (kind(byte), kind(previous)) {
        case (.continuation, _): return 0
        case (.lower, .lower), (.lower, .upper), (.upper, .upper): return 2.5
        case (.digit, .digit): return 2
        default: return first(byte)
        }
    }

    /// Whether this byte and the two before it stand further ahead too.
    private static func isRepeated(_ bytes: Span<UInt8>, _ position: Int) -> Bool {
        guard position >= 5 else { return false }
        for place in 2...(position - 3) {
            if bytes[place] == bytes[position] && bytes[place - 1] == bytes[position - 1]
                && bytes[place - 2] == bytes[position - 2]
            {
                return true
            }
        }
        return false
    }

    private enum Kind { case lower, upper, digit, blank, mark, lead, continuation }

    private static func kind(_ byte: UInt8) -> Kind {
        switch byte {
        case _ where byte.isLowercaseLetter: .lower
        case _ where byte.isUppercaseLetter: .upper
        case _ where byte.isDigit: .digit
        case UInt8(ascii: " "): .blank
        case 0x80...0xBF: .continuation
        case 0xC0...: .lead
        default: .mark
        }
    }

    private static func first(_ byte: UInt8) -> Double {
        switch kind(byte) {
        case .lower: 4.7
        case .upper: 5
        case .digit: 3.3
        case .blank: 1
        case .mark: 4
        case .lead: 5
        case .continuation: 0
        }
    }
}
