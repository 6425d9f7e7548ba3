import AWSConfigGrammar

/// A text that was made of another one by several edits, as what is left of that and what is new in between.
struct JoinedEdits {
    private enum Piece {
        /// Bytes of the first text.
        case kept(Range<Int>)
        case new([UInt8])

        var count: Int {
            switch self {
            case .kept(let range): range.count
            case .new(let bytes): bytes.count
            }
        }

        /// The part before an offset, and the rest.
        func split(at offset: Int) -> (Piece, Piece) {
            switch self {
            case .kept(let range):
                let middle = range.lowerBound + offset
                return (.kept(range.lowerBound..<middle), .kept(middle..<range.upperBound))
            case .new(let bytes): return (.new(Array(bytes[..<offset])), .new(Array(bytes[offset...])))
            }
        }
    }

    private let count: Int
    private var pieces: [Piece]

    /// - Parameter count: the bytes of the first text.
    init(count: Int) {
        self.count = count
        pieces = [.kept(0..<count)]
    }

    /// Adds an edit of the text as the edits before it have left it.
    ///
    /// - Parameter splices: in the order of their ranges, which do not overlap.
    mutating func append(_ splices: [Splice]) {
        for splice in splices.reversed() {
            let (before, rest) = Self.split(pieces, at: splice.range.lowerBound)
            let (_, after) = Self.split(rest, at: splice.range.count)
            pieces = before + [.new([UInt8](splice.text.utf8))] + after
        }
    }

    private static func split(_ pieces: [Piece], at offset: Int) -> ([Piece], [Piece]) {
        var (before, left): ([Piece], Int) = ([], offset)
        for (index, piece) in pieces.enumerated() {
            guard piece.count <= left else {
                let (first, second) = piece.split(at: left)
                return (before + [first], [second] + pieces[(index + 1)...])
            }
            before.append(piece)
            left -= piece.count
        }
        return (before, [])
    }

    /// All edits as one of the first text.
    var splices: [Splice] {
        var splices: [Splice] = []
        var (position, new): (Int, [UInt8]) = (0, [])
        func close(at end: Int) {
            if end > position || !new.isEmpty {
                splices.append(Splice(range: position..<end, text: String(decoding: new, as: UTF8.self)))
            }
            new = []
        }
        for piece in pieces where piece.count > 0 {
            switch piece {
            case .new(let bytes): new += bytes
            case .kept(let range):
                close(at: range.lowerBound)
                position = range.upperBound
            }
        }
        close(at: count)
        return splices
    }
}
