import ProgramSupport

/// A time such as `90s`, `15m`, `1h`, `8h30m`, `1d`.
package enum DurationText {
    package static func seconds(_ text: String, in range: ClosedRange<UInt32>) throws -> UInt32 {
        var total: UInt32 = 0
        var digits = ""
        for character in text {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            let units: [Character: UInt32] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
            guard let unit = units[character], digits.count <= 6, let number = UInt32(digits) else {
                throw misuse(text)
            }
            let (product, overflow) = number.multipliedReportingOverflow(by: unit)
            guard !overflow, product <= UInt32.max - total else { throw misuse(text) }
            total += product
            digits = ""
        }
        guard digits.isEmpty, !text.isEmpty else { throw misuse(text) }
        guard range.contains(total) else {
            throw Failure(
                .usage,
                "duration '\(text.printable)' is out of range: use \(words(range.lowerBound)) to \(words(range.upperBound))"
            )
        }
        return total
    }

    private static func words(_ seconds: UInt32) -> String { ShownDuration.text(Int64(seconds)) }

    private static func misuse(_ text: String) -> Failure {
        Failure(
            .usage,
            "invalid duration '\(String(text.prefix(100)).printable)': use a unit, such as 15m, 1h or 8h")
    }
}
