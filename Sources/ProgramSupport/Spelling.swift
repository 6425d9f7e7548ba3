/// How alike two words are.
package enum Spelling {
    /// How many letters must be put in, left out or replaced to make one word of the other; words of more than
    /// 32 letters have nothing in common.
    package static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.utf8.prefix(33)), Array(other.utf8.prefix(33)))
        guard one.count <= 32, other.count <= 32 else { return 33 }
        var row = Array(0...other.count)
        for (line, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, second) in other.enumerated() {
                let above = row[column + 1]
                row[column + 1] = min(above + 1, row[column] + 1, diagonal + (letter == second ? 0 : 1))
                diagonal = above
            }
        }
        return row[other.count]
    }
}
