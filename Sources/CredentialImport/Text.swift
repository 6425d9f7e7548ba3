import AWSValues

let tab: UInt8 = 0x09
let lineFeed: UInt8 = 0x0A
let carriageReturn: UInt8 = 0x0D
let space: UInt8 = 0x20
let quote: UInt8 = 0x22

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
func equalsIgnoringCase(_ bytes: Span<UInt8>, _ word: String) -> Bool {
    bytes.count == word.utf8.count && beginsIgnoringCase(bytes, word)
}

/// Whether `bytes` begin with `word`, which is in lower case, with ASCII letters of either case.
func beginsIgnoringCase(_ bytes: Span<UInt8>, _ word: String) -> Bool {
    let expected = word.utf8.span
    guard bytes.count >= expected.count else { return false }
    for index in expected.indices where bytes[index].lowercased != expected[index] { return false }
    return true
}

/// The text of `bytes`; nil when they are no UTF-8 or have control characters.
func validatedText(_ bytes: Span<UInt8>) -> String? {
    guard UTF8Text.isPlain(bytes) else { return nil }
    return unsafe bytes.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
}

/// `text` for an error message: at most 64 characters, nothing in it that could steer a terminal.
func escaped(_ text: String) -> String { ShownText.escaped(text, limit: 64) }
