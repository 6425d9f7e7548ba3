import AWSConfigGrammar
import DurableFiles
import Platform
import Testing

@testable import AWSConfigFile

@Suite("Files on the disk")
struct ConfigFileTests {
    private let old = "[default]\nregion = x"

    private func target() throws -> ProfileName { try ProfileName("target") }

    @Test(
        "configure and remove leave the file as it was", arguments: [0o600, 0o644, 0o640, 0o400] as [mode_t])
    func roundTrip(mode: mode_t) throws {
        try withConfigFile(old, mode: mode) { file, undo, _ in
            let outcome = try file.configure(target(), settings(region: "eu-x"), undo: undo)
            #expect(outcome.isChanged && !outcome.diff.isEmpty)
            #expect(contents(of: file.path)?.contains("[profile target]\n") ?? false)
            #expect(ownMode(file.path) == mode)
            let again = try file.configure(target(), settings(), undo: undo)
            #expect(!again.isChanged && again.diff.isEmpty)
            #expect(try file.unconfigure(target(), undo: undo).removal == .restored)
            #expect(contents(of: file.path) == old)
            #expect(ownMode(file.path) == mode)
            #expect(try file.unconfigure(target(), undo: undo).removal == .nothing)
        }
    }

    private func ownMode(_ path: String) -> mode_t? { mode(of: path) }

    @Test("a file that did not exist is made closed to others, and goes again")
    func created() throws {
        try withConfigFile(nil) { file, undo, directory in
            try #require(try file.configure(target(), settings(), undo: undo).isChanged)
            #expect(mode(of: file.path) == 0o600)
            #expect(mode(of: directory + "/home/.aws") == 0o700)
            #expect(mode(of: directory + "/state") == 0o700)
            // A second edit keeps in mind that there was no file.
            try #require(try file.configure(target(), settings("other"), undo: undo).isChanged)
            #expect(try file.unconfigure(target(), undo: undo).removal == .restored)
            #expect(mode(of: file.path) == nil)
        }
    }

    @Test("an empty file stays when the profile goes")
    func empty() throws {
        try withConfigFile("") { file, undo, _ in
            _ = try file.configure(target(), settings(), undo: undo)
            _ = try file.unconfigure(target(), undo: undo)
            #expect(contents(of: file.path) == "")
        }
    }

    @Test("a dry run shows the same difference and creates nothing")
    func dryRun() throws {
        for text in [nil, old] {
            try withConfigFile(text) { file, undo, directory in
                let shown = try file.configure(target(), settings(), undo: undo, dryRun: true)
                #expect(shown.isChanged)
                #expect(contents(of: file.path) == text)
                #expect(mode(of: directory + "/state") == nil)
                #expect(mode(of: directory + "/home/.aws/.config.sealring-lock") == nil)
                #expect(text != nil || mode(of: directory + "/home") == nil)
                #expect(try file.configure(target(), settings(), undo: undo).diff == shown.diff)
                let after = contents(of: file.path)
                #expect(try file.unconfigure(target(), undo: undo, dryRun: true).removal == .restored)
                #expect(contents(of: file.path) == after)
            }
        }
    }

    @Test("another region and output on top are taken back with the first edit")
    func replacedValues() throws {
        let text = "[profile target]\nregion = old\ncredential_process = /opt/tool x\noutput=text"
        try withConfigFile(text) { file, undo, _ in
            let wanted = try settings(region: "eu-x", output: "json")
            _ = try file.configure(target(), wanted, replacingForeignProcess: true, undo: undo)
            _ = try file.configure(target(), settings("other", region: "eu-y"), undo: undo)
            #expect(contents(of: file.path)?.contains("eu-y") ?? false)
            #expect(try file.unconfigure(target(), undo: undo).removal == .restored)
            #expect(contents(of: file.path) == text)
        }
    }

    private func records(_ directory: String) throws -> [String] {
        let state = try Directory(directory + "/state")
        return try state.names().filter { $0.hasPrefix("aws-config-") && !$0.hasSuffix("lock") }
    }

    @Test("without a fitting record only our command goes, and the reason is told")
    func unfitRecords() throws {
        let cases: [(ConfigFile.Removal.Reason, (ConfigFile, String, String) throws -> Void)] = [
            (.noRecord, { _, _, record in unsafe unlink(record) }),
            (.damagedRecord, { _, _, record in try write("sealring-undo 1\n", to: record) }),
            (
                .damagedRecord,
                { _, _, record in try write(String(repeating: "x", count: 70_000), to: record) }
            ),
            (
                .editedMeanwhile,
                { file, text, _ in try write(text.replacing("eu-x", with: "eu-z"), to: file.path) }
            ),
        ]
        for (reason, damage) in cases {
            try withConfigFile(old) { file, undo, directory in
                _ = try file.configure(target(), settings(region: "eu-x"), undo: undo)
                let record = try #require(try records(directory).first)
                #expect(mode(of: "\(directory)/state/\(record)") == 0o600)
                let text = try #require(contents(of: file.path))
                try damage(file, text, "\(directory)/state/\(record)")
                let region = reason == .editedMeanwhile ? "eu-z" : "eu-x"
                #expect(try file.unconfigure(target(), undo: undo).removal == .commandOnly(reason))
                #expect(contents(of: file.path) == old + "\n\n[profile target]\nregion = \(region)\n")
                #expect(try records(directory).isEmpty)
            }
        }
    }

    @Test("a crash between record and file leaves the record that fits")
    func crash() throws {
        try withConfigFile(old) { file, undo, _ in
            _ = try file.configure(target(), settings("one"), undo: undo)
            let before = try #require(contents(of: file.path))
            for entry in ["two", "three", "four"] {
                _ = try file.configure(target(), settings(entry, region: "eu-x"), undo: undo)
                try write(before, to: file.path)
            }
            #expect(try file.unconfigure(target(), undo: undo).removal == .restored)
            #expect(contents(of: file.path) == old)
        }
    }

    @Test("what is no file of ours alone is refused and left as it is")
    func refused() throws {
        try withConfigFile(old) { file, undo, directory in
            func refusal(_ path: String? = nil) -> AWSConfigError? {
                let file = path.map { ConfigFile(path: $0, kind: .config) } ?? file
                return failure { _ = try file.configure(target(), settings(), undo: undo) }
            }
            #expect(
                refusal(directory + "/home")
                    == .file(.notRegular(path: directory + "/home", found: "a directory")))
            let fifo = directory + "/fifo"
            try #require(unsafe mkfifo(fifo, 0o600) == 0)
            #expect(refusal(fifo) == .file(.notRegular(path: fifo, found: "a FIFO")))
            unsafe chmod(file.path, 0o622)
            #expect(refusal() == .file(.writableByOthers(path: file.path, mode: 0o622)))
            unsafe chmod(file.path, 0o600)
            let home = directory + "/home/.aws"
            unsafe chmod(home, 0o777)
            #expect(refusal() == .file(.writableByOthers(path: home, mode: 0o777)))
            unsafe chmod(home, 0o700)
            #expect(contents(of: file.path) == old)
            if geteuid() == 0 {
                try #require(unsafe chown(file.path, 4321, 4321) == 0)
                #expect(refusal() == .file(.foreignOwner(path: file.path, uid: 4321)))
            }
        }
    }

    @Test("a missing file is an empty document to read, and an error where none is to be made")
    func missing() throws {
        try withConfigFile(nil) { file, undo, directory in
            let document = try file.read()
            #expect(document.count == 0 && !document.exists)
            let error = failure {
                _ = try file.update { (_, _) throws(AWSConfigError) in nil }
            }
            #expect(error == .file(.missing(path: file.path)))
            #expect(try file.unconfigure(target(), undo: undo).removal == .nothing)
            #expect(mode(of: directory + "/home") == nil)
        }
    }

    @Test("another writer's lock is waited for, then told")
    func busy() throws {
        try withConfigFile(old) { file, undo, directory in
            let home = directory + "/home/.aws"
            let opened = try Directory(home)
            let lock = try FileLock(".config.sealring-lock", in: opened, seconds: 0)
            let error = failure {
                _ = try file.configure(target(), settings(), undo: undo, lockSeconds: 0.05)
            }
            #expect(error == .file(.busy(path: home + "/.config.sealring-lock")))
            extendLifetime(lock)
            #expect(contents(of: file.path) == old)
        }
    }

    @Test("the lock is held until the new file is in place")
    func locked() throws {
        try withConfigFile(old) { file, undo, _ in
            _ = try file.update { (document, _) throws(AWSConfigError) in
                #expect(
                    failure { _ = try file.configure(target(), settings(), undo: undo, lockSeconds: 0) }?
                        .isBusy == true)
                return nil
            }
        }
    }

    @Test("a file that another program writes or replaces meanwhile is left to it", arguments: [true, false])
    func changedMeanwhile(inPlace: Bool) throws {
        for text in [nil, old] {
            try withConfigFile(text) { file, undo, directory in
                let wanted = try settings()
                let profile = try target()
                let error = failure {
                    _ = try file.update(createIfMissing: true) { (document, _) throws(AWSConfigError) in
                        if !inPlace { unsafe unlink(file.path) }
                        try? write("[other]\n", to: file.path)
                        return try document.configure(profile, wanted)
                    }
                }
                #expect(error == .changedMeanwhile(path: file.path))
                #expect(contents(of: file.path) == "[other]\n")
                let left = try Directory(directory + "/home/.aws").names()
                #expect(left == ["config"])
            }
        }
    }

    @Test("a file that we would remove is left to another program that changed it", arguments: [true, false])
    func changedBeforeRemoval(inPlace: Bool) throws {
        try withConfigFile(nil) { file, undo, _ in
            _ = try file.configure(target(), settings(), undo: undo)
            let records = try undo.load(path: file.path, profile: "target")
            let record = try #require(records.current)
            let error = failure {
                _ = try file.update { (document, _) throws(AWSConfigError) in
                    if !inPlace { unsafe unlink(file.path) }
                    try? write("[other]\n", to: file.path)
                    return try document.undo(record)
                }
            }
            #expect(error == .changedMeanwhile(path: file.path))
            #expect(contents(of: file.path) == "[other]\n")
        }
    }

    @Test("a state directory that cannot hold the record stops the edit")
    func noState() throws {
        try withConfigFile(old) { file, undo, directory in
            try write("", to: directory + "/state")
            #expect(failure { _ = try file.configure(target(), settings(), undo: undo) } != nil)
            #expect(contents(of: file.path) == old)
        }
    }
}

extension AWSConfigError {
    fileprivate var isBusy: Bool {
        guard case .file(.busy(_)) = self else { return false }
        return true
    }
}
