import AWSConfigGrammar

/// The lines with which a profile assumed a role by itself, and the command that took their place.
package struct RoleLines: Equatable, Sendable {
    /// A line that was taken out.
    struct Line: Equatable, Sendable {
        /// The lines between the header's and this one, counted from 1, before any was taken out.
        let place: Int
        let text: String
        let lineEnd: String
    }

    /// Where `role_arn` stood, counted as ``Line/place``.
    let place: Int
    /// The line of our command, which stands there now.
    var command: String
    /// The line of `role_arn`.
    let role: String
    /// In the order of their places.
    private(set) var removed: [Line] = []

    init(place: Int, command: String, role: String) {
        self.place = place
        self.command = command
        self.role = role
    }

    mutating func remove(_ text: String, lineEnd: String, at place: Int) {
        removed.append(Line(place: place, text: text, lineEnd: lineEnd))
    }

    /// Whether our command stands in the section, and nothing of a role.
    func stands(in section: ConfigSection, of document: borrowing ConfigDocument) -> Bool {
        guard let setting = try? document.setting(.credentialProcess, in: section), setting.isOnOneLine,
            document.holds(command, in: document.lines[setting.lines.lowerBound].content)
        else { return false }
        return !document.settings[section.settings].contains { $0.name?.isOfRole ?? false }
    }

    /// What puts the lines back: where they were, or together where the command is when the section has
    /// changed around it.
    ///
    /// - Parameter added: lines that were added since, and are about to go.
    func splices(
        in section: ConfigSection, of document: borrowing ConfigDocument, without added: [Int]
    ) throws(AWSConfigError) -> [Splice] {
        guard let setting = try document.setting(.credentialProcess, in: section) else { return [] }
        let command = setting.lines.lowerBound
        let content = document.lines[command].content
        let kept = section.lines.filter { !added.contains($0) }
        let lineEnd = document.lineEnd(before: command + 1)
        guard isAsLeft(kept, of: document), kept.firstIndex(of: command) == index(place) else {
            var texts = removed.map { ($0.place, $0.text) } + [(place, role)]
            texts.sort { $0.0 < $1.0 }
            return [Splice(range: content, text: texts.map(\.1).joined(separator: lineEnd))]
        }
        var splices = [Splice(range: content, text: role)]
        for (next, lines) in groups {
            let above = document.lines[kept[next - 1]]
            // Only the file's last line may go without its end.
            let isEnd = next == kept.count && section.lines.upperBound == document.lines.count
            var text = above.terminator.isEmpty ? lineEnd : ""
            for (count, line) in lines.enumerated() {
                let isLast = isEnd && count == lines.count - 1
                text += line.text + (line.lineEnd.isEmpty && !isLast ? lineEnd : line.lineEnd)
            }
            splices.append(Splice(range: above.range.upperBound..<above.range.upperBound, text: text))
        }
        return splices
    }

    /// The lines that were taken out, by the index of the line before which they stood of those that are left.
    private var groups: [(next: Int, lines: [Line])] {
        var groups: [(next: Int, lines: [Line])] = []
        for line in removed {
            let next = index(line.place)
            if groups.last?.next == next {
                groups[groups.count - 1].lines.append(line)
            } else {
                groups.append((next, [line]))
            }
        }
        return groups
    }

    /// Which of the lines that are left a place comes before.
    private func index(_ place: Int) -> Int { place - removed.count { $0.place < place } }

    /// Whether there is a line above each place, and none is inside of a setting.
    private func isAsLeft(_ kept: [Int], of document: borrowing ConfigDocument) -> Bool {
        for line in removed {
            let next = index(line.place)
            guard (1...kept.count).contains(next) else { return false }
            let above = kept[next - 1]
            if let setting = document.setting(ofLine: above), setting.lines.upperBound > above + 1 {
                return false
            }
        }
        return true
    }
}
