/// The characters of other people's text that a terminal may be sent: names, paths, AWS's responses.
///
/// The rule has no tables, so that every program has the same one, whatever version of Unicode its library knows.
package enum ShownText {
    /// Whether a scalar shows as itself: it neither steers the terminal, breaks the line, turns the direction nor
    /// is invisible, and its meaning is not private.
    package static func isShown(_ scalar: UInt32) -> Bool {
        if scalar < 0x7F { return scalar >= 0x20 }
        switch scalar {
        // C1, and the format characters of the first plane.
        case 0x7F...0x9F, 0xAD, 0x0600...0x0605, 0x061C, 0x06DD, 0x070F, 0x0890...0x0891, 0x08E2, 0x180E,
            0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xFFF0...0xFFFB,
            // Surrogates, private use and noncharacters.
            0xD800...0xF8FF, 0xFDD0...0xFDEF, 0xFFFE...0xFFFF,
            // The format characters of the second plane.
            0x110BD, 0x110CD, 0x13430...0x1343F, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A,
            0x1FFFE...0x1FFFF, 0x2FFFE...0x2FFFF, 0x3FFFE...0x3FFFF:
            return false
        // Planes without characters, tags and other invisible ones, private use.
        default: return scalar < 0x40000
        }
    }

    /// The text, in which what cannot be shown is written as `\u{…}`.
    ///
    /// - Parameter limit: the most scalars; `…` stands for what is cut off.
    package static func escaped(_ text: String, limit: Int = .max) -> String {
        var result = ""
        var count = 0
        for scalar in text.unicodeScalars {
            if count == limit { return result + "…" }
            count += 1
            if isShown(scalar.value) {
                result.unicodeScalars.append(scalar)
            } else {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
        return result
    }
}
