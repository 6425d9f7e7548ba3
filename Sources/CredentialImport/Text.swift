let tab: UInt8 = 0x09
let lineFeed: UInt8 = 0x0A
let carriageReturn: UInt8 = 0x0D
let space: UInt8 = 0x20
let quote: UInt8 = 0x22

func all(_ bytes: Span<UInt8>, _ test: (UInt8) -> Bool) -> Bool {
    for index in bytes.indices where !test(bytes[index]) { return false }
    return true
}

func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab }

func isLineBreak(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }

/// `range` without blanks at its ends.
func trimmed(_ range: Range<Int>, _ bytes: Span<UInt8>) -> Range<Int> {
    var start = range.lowerBound
    var end = range.upperBound
    while start < end, isBlank(bytes[start]) { start += 1 }
    while end > start, isBlank(bytes[end - 1]) { end -= 1 }
    return start..<end
}

/// Whether `bytes` are `word`, which is in lower case, with ASCII letters of either case.
func equalsIgnoringCase(_ bytes: Span<UInt8>, _ word: StaticString) -> Bool {
    bytes.count == word.utf8CodeUnitCount && beginsIgnoringCase(bytes, word)
}

/// Whether `bytes` begin with `word`, which is in lower case, with ASCII letters of either case.
func beginsIgnoringCase(_ bytes: Span<UInt8>, _ word: StaticString) -> Bool {
    guard bytes.count >= word.utf8CodeUnitCount else { return false }
    return word.withUTF8Buffer { expected in
        for index in expected.indices where unsafe lowercased(bytes[index]) != expected[index] {
            return false
        }
        return true
    }
}

func lowercased(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}

/// The text of `bytes`; nil when they are no UTF-8 or have control characters (C0, DEL, C1).
func validatedText(_ bytes: Span<UInt8>) -> String? {
    let text = unsafe bytes.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
    guard let text else { return nil }
    for scalar in text.unicodeScalars where scalar.properties.generalCategory == .control { return nil }
    return text
}

/// `text` for an error message: at most 64 characters, nothing in it that could steer a terminal.
func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars.prefix(64) {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
            result += "\\u{\(String(scalar.value, radix: 16))}"
        default: result.unicodeScalars.append(scalar)
        }
    }
    return text.unicodeScalars.dropFirst(64).isEmpty ? result : result + "…"
}
