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
    package static func read(_ text: UnsafeRawBufferPointer) throws(Fault) -> SecretBytes {
        let text = unsafe trimmed(text)
        if unsafe hasPrefix(text, "otpauth-migration:") { throw .migration }
        guard unsafe hasPrefix(text, "otpauth:") else { return try unsafe decode(text) }
        guard unsafe hasPrefix(text, "otpauth://totp/") || hasPrefix(text, "otpauth://totp?") else {
            throw .counter
        }
        return try unsafe fromURL(text)
    }

    private static func fromURL(_ url: UnsafeRawBufferPointer) throws(Fault) -> SecretBytes {
        let end = unsafe url.firstIndex(of: UInt8(ascii: "#")) ?? url.count
        guard let query = unsafe url[..<end].firstIndex(of: UInt8(ascii: "?")) else { throw .noSecret }
        var secret: Range<Int>?
        var start = query + 1
        while start < end {
            let stop = unsafe url[start..<end].firstIndex(of: UInt8(ascii: "&")) ?? end
            if let equals = unsafe url[start..<stop].firstIndex(of: UInt8(ascii: "=")) {
                let name = unsafe UnsafeRawBufferPointer(rebasing: url[start..<equals])
                let value = unsafe UnsafeRawBufferPointer(rebasing: url[(equals + 1)..<stop])
                if unsafe isEqual(name, "secret") {
                    guard secret == nil else { throw .noSecret }
                    secret = (equals + 1)..<stop
                } else if unsafe isEqual(name, "algorithm") {
                    guard
                        unsafe isEqual(value, "sha1") || isEqual(value, "hmacsha1") || isEqual(value, "sha-1")
                    else { throw .algorithm }
                } else if unsafe isEqual(name, "digits") {
                    guard unsafe isEqual(value, "6") else { throw .digits }
                } else if unsafe isEqual(name, "period") {
                    guard unsafe isEqual(value, "30") else { throw .period }
                }
            }
            start = stop + 1
        }
        guard let secret else { throw .noSecret }
        return try unsafe decode(percentDecoded(UnsafeRawBufferPointer(rebasing: url[secret])))
    }

    private static func decode(_ text: borrowing SecretBytes) throws(Fault) -> SecretBytes {
        try unsafe text.withUnsafeBytes { (text) throws(Fault) in try unsafe decode(text) }
    }

    private static func decode(_ text: UnsafeRawBufferPointer) throws(Fault) -> SecretBytes {
        do throws(SecureMemoryError) {
            var seed = try SecretBuffer(capacity: 128, limit: 128)
            let isRead = try unsafe Base32.decode(text, into: &seed)
            if isRead, seed.count >= 10 { return try seed.finish() }
        } catch { throw .memory(error) }
        throw .form
    }

    /// In secret memory: blanks and `=` come as `%20` and `%3D`, and a `+` is a blank.
    private static func percentDecoded(_ text: UnsafeRawBufferPointer) throws(Fault) -> SecretBytes {
        do throws(SecureMemoryError) {
            var decoded = try SecretBuffer(capacity: text.count + 1, limit: text.count + 1)
            var position = 0
            while position < text.count {
                var byte = unsafe text[position]
                if byte == UInt8(ascii: "%"), text.count - position > 2,
                    let high = unsafe digit(text[position + 1]), let low = unsafe digit(text[position + 2])
                {
                    byte = high << 4 | low
                    position += 2
                } else if byte == UInt8(ascii: "+") {
                    byte = UInt8(ascii: " ")
                }
                _ = try unsafe withUnsafeBytes(of: byte) { (byte) throws(SecureMemoryError) in
                    try unsafe decoded.append(byte)
                }
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

    private static func trimmed(_ text: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        var (start, end) = (0, text.count)
        while start < end, unsafe text[start] <= 0x20 { start += 1 }
        while end > start, unsafe text[end - 1] <= 0x20 { end -= 1 }
        return unsafe UnsafeRawBufferPointer(rebasing: text[start..<end])
    }

    /// Whether the bytes begin with this text, which is lower case, in either case.
    private static func hasPrefix(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count >= text.utf8CodeUnitCount else { return false }
        return unsafe isEqual(UnsafeRawBufferPointer(rebasing: bytes[..<text.utf8CodeUnitCount]), text)
    }

    private static func isEqual(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for place in 0..<bytes.count {
            let byte = unsafe bytes[place]
            let lower = (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
            guard unsafe lower == text.utf8Start[place] else { return false }
        }
        return true
    }
}
