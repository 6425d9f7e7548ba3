import AWSConfigGrammar
import Testing

@testable import AWSConfigFile

@Suite("Editing nasty files")
struct RoundTripTests {
    private static let seeds: [UInt64] = (0..<4).map { $0 * 1_000 }

    @Test(
        "whatever a file holds: other bytes stay, twice is once, and removing restores every byte",
        arguments: seeds)
    func roundTrip(seed: UInt64) throws {
        var edited = 0
        var editedTwice = 0
        for seed in seed..<(seed + 150) {
            let file = NastyFile(seed: seed)
            let old = try document(file.bytes)
            let wanted = try settings(
                region: seed % 2 == 0 ? "eu-x" : nil, output: seed % 3 == 0 ? "json" : nil)
            guard let result = try? configured(old, wanted, replacingForeignProcess: true) else { continue }
            edited += 1
            let new = try document(result.bytes)
            #expect(try onlyOurs(old, new, wanted), "seed \(seed)")
            #expect(try undone(result.bytes, result.undo) == file.bytes, "seed \(seed)")
            #expect(
                try configured(new, wanted, replacingForeignProcess: true, earlier: [result.undo]) == nil,
                "seed \(seed)")
            #expect(try configured(new, wanted, replacingForeignProcess: true) == nil, "seed \(seed)")
            #expect(
                new.sealringProfiles.contains { $0.profile == "target" && $0.entry == "prod" }, "seed \(seed)"
            )
            // A second, different edit on top of the first is taken back with it.
            let other = try settings("other", region: "ap-y", output: "text")
            guard let second = try? configured(new, other, earlier: [result.undo]) else { continue }
            editedTwice += 1
            #expect(try undone(second.bytes, second.undo) == file.bytes, "seed \(seed)")
        }
        #expect(edited > 75 && editedTwice > 75)
    }

    /// Whether `new` is `old` line by line, but for values of our settings and the lines that we add.
    private func onlyOurs(
        _ old: borrowing ConfigDocument, _ new: borrowing ConfigDocument, _ wanted: ProfileSettings
    ) throws -> Bool {
        let before = old.plainBytes
        let after = new.plainBytes
        // Behind a last line without an end one is added.
        let glued = old.lines.last.map { $0.terminator.isEmpty } ?? false
        var line = 0
        for index in new.lines.indices {
            let content = new.lines[index].content
            if line < old.lines.count {
                let isLast = glued && line == old.lines.count - 1
                let mine = isLast ? content : new.lines[index].range
                if before[isLast ? old.lines[line].content : old.lines[line].range] == after[mine] {
                    line += 1
                    continue
                }
            }
            let text = String(decoding: after[content], as: UTF8.self)
            let setting = new.setting(ofLine: index)
            let isOurs = wanted.wanted.contains { name, value in
                setting?.name == name && setting.flatMap { new.text($0.value) } == value
            }
            if isOurs {
                // Either in place of an old value, then the bytes around it are the old ones, or a new line.
                guard line < old.lines.count, let was = old.setting(ofLine: line), let setting,
                    was.name == setting.name, was.lines.lowerBound == line,
                    old.section(ofLine: line)?.profile == "target"
                else { continue }
                let oldLine = old.lines[line].range
                let newLine = new.lines[index].range
                guard
                    before[oldLine.lowerBound..<was.value.lowerBound]
                        == after[newLine.lowerBound..<setting.value.lowerBound]
                else { continue }
                let tail = before[was.value.upperBound..<oldLine.upperBound]
                guard after[setting.value.upperBound..<newLine.upperBound].starts(with: tail) else {
                    return false
                }
                line += 1
            } else if text != "[profile target]", !text.isEmpty, !text.hasPrefix(KeptCommand.prefix) {
                return false
            }
        }
        return line == old.lines.count
    }

    @Test("taking the command out without a record touches its line alone", arguments: seeds)
    func withoutRecord(seed: UInt64) throws {
        for seed in seed..<(seed + 150) {
            let file = NastyFile(seed: seed)
            let old = try document(file.bytes)
            guard let result = try? configured(old, settings()) else { continue }
            let new = try document(result.bytes)
            let edit = try new.removeCommand(of: "target")
            guard let edit else {
                Issue.record("seed \(seed): the command was not found")
                continue
            }
            // A bare header goes with the command, since nothing tells that it stood there before.
            let target = try old.section(of: "target")
            if let target, target.settings.isEmpty { continue }
            // What may stay is the line end and the blank line that the edit had added.
            let left = edit.document.plainBytes
            #expect(left.starts(with: file.bytes), "seed \(seed)")
            #expect(left.dropFirst(file.bytes.count).allSatisfy { $0 == 0x0A || $0 == 0x0D }, "seed \(seed)")
        }
    }
}
