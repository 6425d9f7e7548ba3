import AWSConfigGrammar
import TestSupport
import Testing

@testable import AWSConfigFile

/// A profile that assumes a role, with its lines in any order and whatever people write between them.
private func roleFile(seed: UInt64) -> String {
    var random = SeededRandom(seed: seed)
    let lineEnds = [["\n"], ["\r\n"], ["\n", "\r\n"]][Int.random(in: 0..<3, using: &random)]
    let indent = random.pick(["", "", "  ", "\t"])
    var lines = ["\(indent)role_arn = arn:aws:iam::123456789012:role/Admin", "\(indent)source_profile=base"]
    for line in [
        "mfa_serial : arn:aws:iam::1:mfa/é", "external_id = a/b", "duration_seconds = 900",
        "role_session_name = me",
        "region = eu-west-1", "# mine", "", "s3 =\n\(indent)  a = b\n\(indent)  c = d", "output = json",
        "  ; deep", "x",
    ] where random.chance(50) { lines.append(line.isEmpty ? "" : indent + line) }
    lines.shuffle(using: &random)
    if random.chance(60) {
        lines = ["[default]", "region = x"] + [""] + ["[profile target]"] + lines
    } else {
        lines.insert("[profile target]", at: 0)
    }
    if random.chance(50) { lines += ["[profile later]", "region = y"] }
    var text = ""
    for line in lines.flatMap({ $0.split(separator: "\n", omittingEmptySubsequences: false) }) {
        text += line + random.pick(lineEnds)
    }
    while random.chance(40), let last = text.last, last.isNewline { text.removeLast() }
    return text
}

private func command(_ name: String = "admin") throws -> HelperCommand {
    try HelperCommand(path: helper, name: name)
}

@Suite("Profiles that assume roles")
struct RoleProfileTests {
    private func takenOver(_ text: String) throws -> (text: String, undo: UndoRecord, diff: [DiffLine]) {
        let old = try document(text)
        let edit = try old.takeOver("target", command())
        let undo = edit.undo
        return (edit.document.plainText, try #require(undo), edit.diff)
    }

    private func text(undoing record: UndoRecord, in text: String) throws -> String? {
        try undone(Array(text.utf8), record).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(
        "a profile with another source of credentials is not taken over",
        arguments: [
            ("credential_source = Environment", "credential_source"), ("sso_session = x", "sso_session"),
            ("web_identity_token_file = x", "web_identity_token_file"),
            ("credential_process = /bin/x", "credential_process"),
        ])
    func otherSource(line: String, setting: String) {
        let expected = AWSConfigError.otherSource(profile: "target", setting: setting, line: 4)
        let text = "[profile target]\nrole_arn = x\nsource_profile = y\n\(line)\n"
        #expect(failure { _ = try takenOver(text) } == expected)
        #expect(
            failure { _ = try takenOver("[DEFAULT]\n[a]\n[profile target]\n\(line)\nrole_arn = x\n") } != nil)
    }

    @Test("what cannot be put back is not taken out")
    func refused() {
        let role = "[profile target]\nrole_arn = x\nsource_profile = y\n"
        #expect(
            failure { _ = try takenOver("[profile target]\nrole_arn = x\n") }
                == .otherSource(profile: "target", setting: "role_arn", line: 2))
        #expect(
            failure { _ = try takenOver(role + "aws_access_key_id = A\n") }
                == .staticKeys(profile: "target", line: 4))
        #expect(
            failure { _ = try takenOver("[DEFAULT]\nsso_session = x\n" + role) }
                == .otherSource(profile: "target", setting: "sso_session", line: 2))
        #expect(
            failure { _ = try takenOver(role + "  more\n") }
                == .settingOverLines(name: "source_profile", line: 3))
        #expect(
            failure { _ = try takenOver(role + "mfa_serial = a\nmfa_serial = b\n") }
                == .settingTwice(name: "mfa_serial", first: 4, second: 5))
        #expect(
            failure { _ = try takenOver(role + "external_id = a\u{1b}b\n") }
                == .valueNotText(name: "external_id", line: 4))
        #expect(failure { _ = try takenOver("[profile target]\n") } == .noRole(profile: "target"))
    }

    @Test("the command stands where the role was, and the difference shows both")
    func edit() throws {
        let result = try takenOver(
            "[profile target]\n# note\nregion = x\nrole_arn = r\nmfa_serial = m\nsource_profile = y\n\n[z]\n")
        #expect(
            result.text
                == "[profile target]\n# note\nregion = x\ncredential_process = \(helper) admin\n\n[z]\n")
        #expect(
            result.diff.map(\.description) == [
                "@@ -1,8 +1,6 @@", " [profile target]", " # <REDACTED>", " region = x", "-role_arn = r",
                "-mfa_serial = m", "-source_profile = y", "+credential_process = \(helper) admin", " ",
                " <REDACTED>",
            ])
    }

    @Test(
        "whatever stands between the lines: other bytes stay, and removing restores every byte",
        arguments: (0..<4).map { UInt64($0 * 1000) })
    func roundTrip(seeds: UInt64) throws {
        for seed in seeds..<(seeds + 200) {
            let old = roleFile(seed: seed)
            let result = try takenOver(old)
            let new = try document(result.text)
            #expect(try new.roleProfile(of: "target") == nil, "seed \(seed)")
            #expect(new.sealringProfiles.map(\.profile) == ["target"], "seed \(seed)")
            let ours = ["role_arn", "source_", "mfa_s", "external", "duration", "role_s", "credential_p"]
            func rest(_ text: String) -> [Substring] {
                text.split(whereSeparator: \.isNewline).filter { line in
                    !ours.contains { line.drop { $0 == " " || $0 == "\t" }.hasPrefix($0) }
                }
            }
            #expect(rest(result.text) == rest(old), "seed \(seed)")
            #expect(try text(undoing: result.undo, in: result.text) == old, "seed \(seed)")
            // With other settings written on top of it, and all of it read back from the record's text.
            let more = try configured(
                new, settings("other", region: "ap-y", output: "text"), earlier: [result.undo])
            let second = try #require(more)
            let read = UndoRecord(second.undo.encoded(path: "/c"), path: "/c", profile: "target")
            #expect(read == second.undo, "seed \(seed)")
            let back = try text(
                undoing: second.undo, in: String(decoding: second.bytes, as: UTF8.self))
            #expect(back == old, "seed \(seed)")
            // Below another section, and above.
            let grown = "[profile a]\nregion = z\n" + result.text + "\n[profile z]\nregion = z\n"
            let small = try text(undoing: result.undo, in: grown)
            #expect(
                small?.split(whereSeparator: \.isNewline)
                    == ("[profile a]\nregion = z\n" + old + "\n[profile z]\nregion = z\n")
                    .split(whereSeparator: \.isNewline), "seed \(seed)")
        }
    }

    @Test("where the profile was edited meanwhile, the role comes back whole, and nothing else changes")
    func editedMeanwhile() throws {
        let result = try takenOver("[profile target]\nrole_arn = r\nsource_profile = y\nregion = x\n")
        let edited = result.text.replacing(
            "[profile target]\n", with: "[profile target]\ns3 =\n  a = b\n  c = d\n")
        #expect(
            try text(undoing: result.undo, in: edited)
                == "[profile target]\ns3 =\n  a = b\n  c = d\nrole_arn = r\nsource_profile = y\nregion = x\n")
        // A place that is inside of a setting now.
        let inside = result.text.replacing("region = x\n", with: "")
        let nested = try takenOver("[profile target]\nrole_arn = r\nregion = x\nsource_profile = y\n")
        let broken = nested.text.replacing("region = x\n", with: "s3 =\n  a = b\n")
        #expect(
            try text(undoing: nested.undo, in: broken)
                == "[profile target]\nrole_arn = r\nsource_profile = y\ns3 =\n  a = b\n")
        #expect(
            try text(undoing: result.undo, in: inside)
                == "[profile target]\nrole_arn = r\nsource_profile = y\n")
        // A line more above: the places are no longer those of the record.
        #expect(
            try text(
                undoing: nested.undo,
                in: nested.text.replacing("[profile target]\n", with: "[profile target]\n# a\n# b\n"))
                == "[profile target]\n# a\n# b\nrole_arn = r\nsource_profile = y\nregion = x\n")
        // Another command, or a role again: it is not ours any more.
        #expect(
            try text(undoing: result.undo, in: result.text.replacing("admin", with: "other")) == nil)
        #expect(try text(undoing: result.undo, in: result.text + "role_arn = z\n") == nil)
    }

    @Test("a last line that lost its end gets one again where a line is put back below")
    func lastLine() throws {
        let old = "[profile target]\nrole_arn = r\nsource_profile = y"
        let result = try takenOver(old)
        let cut = String(result.text.dropLast())
        #expect(try text(undoing: result.undo, in: cut) == old)
        let more = try configured(
            document(cut), settings("admin", output: "json"), earlier: [result.undo])
        let second = try #require(more)
        #expect(
            try text(undoing: second.undo, in: String(decoding: second.bytes, as: UTF8.self)) == old)
    }

    @Test("a record with any byte changed is refused, or brings nothing but single lines back")
    func damage() throws {
        let result = try takenOver("[profile target]\nrole_arn = r\nregion = x\nsource_profile = y")
        let whole = Array(result.undo.encoded(path: "/c").utf8)
        for index in whole.indices {
            for byte in [UInt8(ascii: "0"), UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "9")] {
                var damaged = whole
                damaged[index] = byte
                guard let read = String(validating: damaged, as: UTF8.self),
                    let parsed = UndoRecord(read, path: "/c", profile: "target")
                else { continue }
                #expect(parsed.encoded(path: "/c") == read)
                guard let text = try text(undoing: parsed, in: result.text) else { continue }
                #expect(text.count(where: \.isNewline) <= 5)
            }
        }
    }

    @Test("a file is taken over, and put back with remove")
    func onDisk() throws {
        try withTemporaryDirectory { directory in
            let old = "[default]\nregion = x\n[profile target]\nrole_arn = r\nsource_profile = y"
            let file = ConfigFile(path: directory + "/config", kind: .config)
            let undo = UndoStore(directory: directory + "/state")
            try write(old, to: file.path, mode: 0o640)
            let name = try ProfileName("target")
            let read = try file.read().roleProfile(of: "target")
            let role = try #require(read)
            let preview = try file.takeOver(role, command(), undo: undo, dryRun: true)
            #expect(preview.isChanged && contents(of: file.path) == old)
            #expect(contents(of: directory + "/state") == nil)
            try write(old.replacing("= r", with: "= z"), to: file.path, mode: 0o640)
            #expect(
                failure { _ = try file.takeOver(role, command(), undo: undo) }
                    == .changedMeanwhile(path: file.path))
            #expect(contents(of: file.path)?.contains("= z") ?? false)
            try write(old, to: file.path, mode: 0o640)
            #expect(try file.takeOver(role, command(), undo: undo).diff == preview.diff)
            #expect(contents(of: file.path)?.contains("role_arn") == false)
            #expect(try !file.configure(name, settings("admin"), undo: undo).isChanged)
            _ = try file.configure(name, settings("admin", output: "json"), undo: undo)
            #expect(try file.unconfigure(name, undo: undo).removal == .restored)
            #expect(contents(of: file.path) == old)
            #expect(mode(of: file.path) == 0o640)
        }
    }
}
