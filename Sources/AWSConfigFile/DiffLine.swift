import AWSConfigGrammar
import AWSValues

/// One line of a difference, without its secrets and without control characters.
package struct DiffLine: Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Sendable {
        /// Where the next lines stand, for example `@@ -3,2 +3,4 @@`.
        case position
        case context, removed, added
    }

    package let kind: Kind
    package let text: String

    /// Whether a part of the line is not shown, since it may be secret.
    package var hidesText: Bool { text.contains(redacted) }

    /// The line as unified diffs have it.
    package var description: String {
        switch kind {
        case .position: text
        case .context: " \(text)"
        case .removed: "-\(text)"
        case .added: "+\(text)"
        }
    }
}

/// Makes the difference from the places that were edited, without comparing the files.
enum DiffBuilder {
    /// The lines shown before and after a change.
    static let context = 3
    /// The most lines of a difference.
    static let limit = 1000

    private struct Hunk {
        var old: Range<Int>
        var new: Range<Int>
    }

    static func lines(
        from old: borrowing ConfigDocument, to new: borrowing ConfigDocument, _ splices: [Splice]
    ) -> [DiffLine] {
        let hunks = hunks(from: old, to: new, splices)
        var result: [DiffLine] = []
        var next = 0
        while next < hunks.count, result.count < limit {
            let first = next
            while next + 1 < hunks.count,
                hunks[next + 1].old.lowerBound - hunks[next].old.upperBound <= 2 * context
            { next += 1 }
            append(hunks[first...next], from: old, to: new, &result)
            next += 1
        }
        guard result.count >= limit else { return result }
        return result[..<limit] + [DiffLine(kind: .position, text: "…")]
    }

    private static func hunks(
        from old: borrowing ConfigDocument, to new: borrowing ConfigDocument, _ splices: [Splice]
    ) -> [Hunk] {
        var hunks: [Hunk] = []
        var shift = 0
        for splice in splices {
            let start = splice.range.lowerBound + shift
            var hunk = Hunk(
                old: old.lines(touching: splice.range),
                new: new.lines(touching: start..<(start + splice.text.utf8.count)))
            shift += splice.text.utf8.count - splice.range.count
            if let last = hunks.last, hunk.old.lowerBound <= last.old.upperBound {
                hunk.old = last.old.lowerBound..<max(last.old.upperBound, hunk.old.upperBound)
                hunk.new = last.new.lowerBound..<max(last.new.upperBound, hunk.new.upperBound)
                hunks.removeLast()
            }
            hunks.append(hunk)
        }
        for index in hunks.indices { trim(&hunks[index], old, new) }
        return hunks.filter { !$0.old.isEmpty || !$0.new.isEmpty }
    }

    /// Takes off lines that did not change, such as one that only got a line end.
    private static func trim(
        _ hunk: inout Hunk, _ old: borrowing ConfigDocument, _ new: borrowing ConfigDocument
    ) {
        while let one = hunk.old.first, let other = hunk.new.first, old.sameLine(one, as: other, in: new) {
            hunk.old.removeFirst()
            hunk.new.removeFirst()
        }
        while let one = hunk.old.last, let other = hunk.new.last, old.sameLine(one, as: other, in: new) {
            hunk.old.removeLast()
            hunk.new.removeLast()
        }
    }

    private static func append(
        _ hunks: ArraySlice<Hunk>, from old: borrowing ConfigDocument, to new: borrowing ConfigDocument,
        _ result: inout [DiffLine]
    ) {
        guard let first = hunks.first, let last = hunks.last else { return }
        let lead = min(context, first.old.lowerBound)
        let tail = min(context, old.lines.count - last.old.upperBound)
        let oldShown = (first.old.lowerBound - lead)..<(last.old.upperBound + tail)
        let newShown = (first.new.lowerBound - lead)..<(last.new.upperBound + tail)
        result.append(DiffLine(kind: .position, text: "@@ -\(span(oldShown)) +\(span(newShown)) @@"))
        var position = oldShown.lowerBound
        for hunk in hunks {
            for line in position..<hunk.old.lowerBound {
                result.append(DiffLine(kind: .context, text: old.shown(line)))
            }
            for line in hunk.old.prefix(limit) {
                result.append(DiffLine(kind: .removed, text: old.shown(line)))
            }
            for line in hunk.new.prefix(limit) {
                result.append(DiffLine(kind: .added, text: new.shown(line)))
            }
            position = hunk.old.upperBound
        }
        for line in position..<oldShown.upperBound {
            result.append(DiffLine(kind: .context, text: old.shown(line)))
        }
    }

    private static func span(_ lines: Range<Int>) -> String {
        let first = lines.isEmpty ? lines.lowerBound : lines.lowerBound + 1
        return lines.count == 1 ? "\(first)" : "\(first),\(lines.count)"
    }
}

extension ConfigDocument {
    /// The lines that hold a byte of `range`, or in the middle of which it stands.
    fileprivate func lines(touching range: Range<Int>) -> Range<Int> {
        var first = line(at: range.lowerBound)
        if first == lines.count, let last = lines.last, last.terminator.isEmpty { first -= 1 }
        var end = line(at: range.upperBound)
        if end < lines.count, lines[end].range.lowerBound < range.upperBound { end += 1 }
        return first..<max(first, end)
    }

    fileprivate func sameLine(_ line: Int, as other: Int, in document: borrowing ConfigDocument) -> Bool {
        let mine = lines[line].content
        let theirs = document.lines[other].content
        return octets.extracting(mine).isEqual(to: document.octets.extracting(theirs))
    }
}
