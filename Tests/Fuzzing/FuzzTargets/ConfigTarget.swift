import AWSConfigFile
import AWSConfigGrammar
import SecureMemory
import TestSupport

/// A file keeps its bytes, an edit leaves the lines of others alone, and taking it back brings the file back.
func checkConfig(_ input: [UInt8]) throws {
    for kind in [ConfigKind.config, .credentials] {
        let document: ConfigDocument
        do { document = try ConfigDocument(secret(input), kind: kind) } catch let error as AWSConfigError {
            try checkMessage(error)
            continue
        }
        try require(document.bytes.exposed == input, "a document keeps its bytes")
        for warning in document.warnings {
            try require(isShowable(warning.message), "a warning can be shown")
        }
        let profiles = document.profileNames
        try require(Set(profiles).count == profiles.count, "each profile is told once")
        for profile in profiles.prefix(4) { try checkStaticKeys(of: profile, document) }
        for profile in profiles.prefix(4) + ["fuzzed"] {
            try checkCommand(of: profile, document)
            if kind == .config { try checkRole(of: profile, document) }
            guard let name = try? ProfileName(profile) else { continue }
            try checkConfigure(name, document)
        }
    }
}

private func checkConfigure(_ profile: ProfileName, _ old: borrowing ConfigDocument) throws {
    let command = try HelperCommand(path: "/opt/sealring-credential-process", name: "entry")
    let settings = try ProfileSettings(credentialProcess: command, region: "eu-west-1", output: "json")
    try edit {
        guard let edit = try old.configure(profile, settings, replacingForeignProcess: true) else { return }
        try checkDiff(edit.diff)
        try require(
            foreignLines(old, profile) == foreignLines(edit.document, profile),
            "configuring keeps the lines of others")
        try require(countOfGone(lines(old), lines(edit.document)) <= 3, "three lines at most are replaced")
        let others = old.sealringProfiles.filter { $0.profile != profile.text }
        let kept = edit.document.sealringProfiles.filter { $0.profile != profile.text }
        try require(others.elementsEqual(kept) { $0 == $1 }, "the commands of others stay")
        try require(
            edit.document.sealringProfiles.contains { $0 == (profile.text, "entry") },
            "a configured profile asks for its entry")
        let again = try edit.document.configure(profile, settings, replacingForeignProcess: true)
        try require(isNothing(again), "configuring twice changes nothing more")
        guard let record = edit.undo, let undone = try edit.document.undo(record) else {
            throw Violation(description: "an edit can be taken back")
        }
        try require(
            undone.document.bytes.exposed == old.bytes.exposed, "an edit is taken back to the byte")
    }
}

private func checkRole(of profile: String, _ old: borrowing ConfigDocument) throws {
    let command = try HelperCommand(path: "/opt/sealring-credential-process", name: "entry")
    try edit {
        guard try old.roleProfile(of: profile) != nil else { return }
        let edit = try old.takeOver(profile, command)
        try checkDiff(edit.diff)
        try require(countOfGone(lines(old), lines(edit.document)) <= 6, "six lines at most go")
        let role = try edit.document.roleProfile(of: profile)
        try require(role == nil, "a role that was taken over is gone")
        try require(
            edit.document.sealringProfiles.contains { $0 == (profile, "entry") },
            "a profile that was taken over asks for its role")
        guard let record = edit.undo, let undone = try edit.document.undo(record) else {
            throw Violation(description: "taking over can be taken back")
        }
        try require(
            undone.document.bytes.exposed == old.bytes.exposed, "a role comes back to the byte")
    }
}

private func checkCommand(of profile: String, _ old: borrowing ConfigDocument) throws {
    try edit {
        guard let edit = try old.removeCommand(of: profile) else { return }
        try checkDiff(edit.diff)
        let (before, after) = (lines(old), lines(edit.document))
        try require(isPart(after, of: before), "removing a command keeps the other lines")
        let ours = edit.document.sealringProfiles.contains { $0.profile == profile }
        try require(!ours, "a removed command is gone")
    }
}

private func checkStaticKeys(of profile: String, _ old: borrowing ConfigDocument) throws {
    try edit {
        guard let keys = try old.staticKeys(of: profile) else { return }
        for range in [keys.accessKeyID, keys.secretAccessKey, keys.sessionToken].compactMap({ $0 }) {
            try require(
                range.lowerBound >= 0 && !range.isEmpty && range.upperBound <= old.count,
                "a part of a key lies inside of the bytes")
        }
        guard let edit = try old.removeStaticKeys(of: profile) else {
            throw Violation(description: "a key that is there can be removed")
        }
        try checkDiff(edit.diff)
        try require(isPart(lines(edit.document), of: lines(old)), "removing a key keeps the other lines")
        let left = try edit.document.staticKeys(of: profile)
        try require(left == nil, "a removed key is gone")
        let others = old.profilesWithStaticKeys.filter { $0 != profile }
        try require(edit.document.profilesWithStaticKeys == others, "the keys of others stay")
    }
}

/// An edit that is refused is no violation, as long as it says why.
private func edit(_ body: () throws -> Void) throws {
    do { try body() } catch let error as AWSConfigError { try checkMessage(error) }
}

private func checkMessage(_ error: AWSConfigError) throws(Violation) {
    if case .file = error { throw Violation(description: "no bytes lead to an error of a file: \(error)") }
    try require(isShowable(error.description), "an error can be shown")
}

private func checkDiff(_ diff: [DiffLine]) throws(Violation) {
    try require(!diff.isEmpty, "an edit is shown")
    try require(diff.allSatisfy { isShowable($0.description) }, "a difference can be shown")
}

private func isNothing(_ edit: consuming ConfigEdit?) -> Bool {
    switch edit {
    case .some: false
    case .none: true
    }
}

/// The lines that no edit of `profile` may touch: neither our settings nor a blank line or a new header.
private func foreignLines(
    _ document: borrowing ConfigDocument, _ profile: ProfileName
) -> [[UInt8]] {
    let names = ["credential_process", "region", "output"].map { Array($0.utf8) }
    return lines(document).map(content).filter { line in
        let folded = line.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let isHeader = ["[profile \(profile.text)]", "[\(profile.text)]"].contains { line == Array($0.utf8) }
        return !line.isEmpty && !isHeader && !names.contains { folded.firstRange(of: $0) != nil }
    }
}

/// The lines with what ends them, the parts of a CRLF apart; a byte order mark is a line of its own.
private func lines(_ document: borrowing ConfigDocument) -> [[UInt8]] {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let bytes = document.bytes.exposed
    var lines = bytes.starts(with: mark) ? [mark, []] : [[]]
    for byte in bytes.dropFirst(lines.count > 1 ? mark.count : 0) {
        lines[lines.count - 1].append(byte)
        if isEnd(byte) { lines.append([]) }
    }
    if lines.last == [] { lines.removeLast() }
    return lines
}

private func content(of line: [UInt8]) -> [UInt8] { Array(line.prefix { !isEnd($0) }) }

private func isEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

/// How many lines of `old` are not in `new`; an end that a last line got counts for nothing.
private func countOfGone(_ old: [[UInt8]], _ new: [[UInt8]]) -> Int {
    var left: [[UInt8]: Int] = [:]
    for line in old { left[content(of: line), default: 0] += 1 }
    for line in new { left[content(of: line), default: 0] -= 1 }
    return left.reduce(0) { $1.key.isEmpty ? $0 : $0 + max(0, $1.value) }
}

/// Whether `part` is `whole` with some elements left out.
private func isPart(_ part: [[UInt8]], of whole: [[UInt8]]) -> Bool {
    var rest = part[...]
    for line in whole where line == rest.first { rest.removeFirst() }
    return rest.isEmpty
}
