package import SecureMemory

/// The seed of an MFA device as people have it: base32 text, or the `otpauth` URL of a QR code.
///
/// Source: <https://github.com/google/google-authenticator/wiki/Key-Uri-Format>. AWS's devices use SHA-1, six digits and
/// 30 seconds; whatever a URL says otherwise would make codes that AWS refuses.
package enum OneTimeSeed {
    package enum Fault: Error, Equatable, Sendable {
        /// It is no base32, or has fewer than 80 or more than 1024 bits.
        case form
        /// An `otpauth` URL without exactly one `secret`.
        case noSecret
        /// A device whose codes are counted, not timed.
        case counter
        case algorithm
        case digits
        case period
        /// Several seeds, as Google Authenticator exports them.
        case migration
        case memory(SecureMemoryError)

        package var reason: String {
            switch self {
            case .form: "it must be base32, with at least 16 letters and digits (A to Z, 2 to 7)"
            case .noSecret: "the otpauth URL must have one 'secret'"
            case .counter: "the otpauth URL is not for time-based codes (totp)"
            case .algorithm: "the otpauth URL asks for another algorithm than SHA1"
            case .digits: "the otpauth URL asks for codes that do not have 6 digits"
            case .period: "the otpauth URL asks for another period than 30 seconds"
            case .migration: "an otpauth-migration URL holds several devices in a format of its own"
            case .memory: "no secret memory"
            }
        }

        package var cure: String? {
            switch self {
            case .form, .noSecret, .migration:
                "give the secret key that AWS shows for the device, or the otpauth:// URL of its QR code"
            case .counter, .algorithm, .digits, .period:
                "this is not the URL of an AWS device: AWS uses SHA1, 6 digits and 30 seconds"
            case .memory: nil
            }
        }
    }

    /// The seed's bytes.
    package static func read(_ text: RawSpan) throws(Fault) -> SecretBytes {
        let text = trimmed(text)
        if hasPrefix(text, "otpauth-migration:") { throw .migration }
        guard hasPrefix(text, "otpauth:") else { return try decode(text) }
        guard hasPrefix(text, "otpauth://totp/") || hasPrefix(text, "otpauth://totp?") else {
            throw .counter
        }
        return try fromURL(text)
    }

    private static func fromURL(_ url: RawSpan) throws(Fault) -> SecretBytes {
        let end = position(of: UInt8(ascii: "#"), in: url)
        guard let mark = url.firstIndex(of: UInt8(ascii: "?")), mark < end else { throw .noSecret }
        var secret: Range<Int>?
        var start = mark + 1
        while start < end {
            let stop = start + position(of: UInt8(ascii: "&"), in: url.extracting(start..<end))
            if let value = try rangeOfSecret(in: url, start..<stop) {
                guard secret == nil else { throw .noSecret }
                secret = value
            }
            start = stop + 1
        }
        guard let secret else { throw .noSecret }
        let text = try percentDecoded(url.extracting(secret))
        return try decode(text.bytes)
    }

    /// Where the first such byte is, or the end.
    private static func position(of byte: UInt8, in text: RawSpan) -> Int {
        if let position = text.firstIndex(of: byte) { return position }
        return text.byteCount
    }

    /// Where the seed is in a parameter of the URL; nil when it is another parameter. One that would make other
    /// codes than AWS's is refused.
    private static func rangeOfSecret(in url: RawSpan, _ range: Range<Int>) throws(Fault) -> Range<Int>? {
        let parameter = url.extracting(range)
        guard let equals = parameter.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        let name = parameter.extracting(first: equals)
        let value = parameter.extracting(droppingFirst: equals + 1)
        if isEqual(name, "secret") { return (range.lowerBound + equals + 1)..<range.upperBound }
        if isEqual(name, "algorithm") {
            for known in ["sha1", "hmacsha1", "sha-1"] as [StaticString] where isEqual(value, known) {
                return nil
            }
            throw .algorithm
        }
        if isEqual(name, "digits"), !isEqual(value, "6") { throw .digits }
        if isEqual(name, "period"), !isEqual(value, "30") { throw .period }
        return nil
    }

    private static func decode(_ text: RawSpan) throws(Fault) -> SecretBytes {
        do throws(SecureMemoryError) {
            var seed = try SecretBuffer(capacity: 128, limit: 128)
            let isRead = try Base32.decode(text, into: &seed)
            if isRead, seed.count >= 10 { return try seed.finish() }
        } catch { throw .memory(error) }
        throw .form
    }

    /// In secret memory: blanks and `=` come as `%20` and `%3D`, and a `+` is a blank.
    private static func percentDecoded(_ text: RawSpan) throws(Fault) -> SecretBytes {
        do throws(SecureMemoryError) {
            let most = text.byteCount + 1
            var decoded = try SecretBuffer(capacity: most, limit: most)
            var position = 0
            while position < text.byteCount {
                var byte = text.byte(at: position)
                if byte == UInt8(ascii: "%"), text.byteCount - position > 2,
                    let high = digit(text.byte(at: position + 1)),
                    let low = digit(text.byte(at: position + 2))
                {
                    byte = high << 4 | low
                    position += 2
                } else if byte == UInt8(ascii: "+") {
                    byte = UInt8(ascii: " ")
                }
                _ = try decoded.append(byte)
                position += 1
            }
            return try decoded.finish()
        } catch { throw .memory(error) }
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }

    @_lifetime(copy text)
    private static func trimmed(_ text: RawSpan) -> RawSpan {
        var (start, end) = (0, text.byteCount)
        while start < end, text.byte(at: start) <= 0x20 { start += 1 }
        while end > start, text.byte(at: end - 1) <= 0x20 { end -= 1 }
        return text.extracting(start..<end)
    }

    /// Whether the bytes begin with this text, which is lower case, in either case.
    private static func hasPrefix(_ bytes: RawSpan, _ text: StaticString) -> Bool {
        isEqual(bytes.extracting(first: text.utf8CodeUnitCount), text)
    }

    private static func isEqual(_ bytes: RawSpan, _ text: StaticString) -> Bool {
        guard bytes.byteCount == text.utf8CodeUnitCount else { return false }
        for place in 0..<bytes.byteCount {
            let byte = bytes.byte(at: place)
            let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            guard lower == text.rawSpan.byte(at: place) else { return false }
        }
        return true
    }
}
