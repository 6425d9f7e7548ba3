/// Goes through the lines of a text, which end with LF, CR or CRLF.
struct LineReader {
    /// The number of the last line that was returned, from 1.
    private(set) var number = 0
    private var position: Int

    init(start: Int) {
        position = start
    }

    /// The next line without its end; nil after the last.
    mutating func next(_ bytes: Span<UInt8>) -> Range<Int>? {
        guard position < bytes.count else { return nil }
        let start = position
        while position < bytes.count, !isLineBreak(bytes[position]) { position += 1 }
        let end = position
        if position < bytes.count {
            let isPair =
                bytes[position] == carriageReturn && position + 1 < bytes.count
                && bytes[position + 1] == lineFeed
            position += isPair ? 2 : 1
        }
        number += 1
        return start..<end
    }
}
