import AgentProtocol
import Platform
import SecureMemory
import TestSupport
import Testing

/// A state directory with functions for the file in it.
private final class State: Sendable {
    private let scratch = Scratch()
    var path: String { scratch.path }
    var file: String { scratch("refusals") }

    func open() -> Int32 {
        let bytes = Array(path.utf8)
        return StateDirectory(bytes.rawSpan).open()
    }

    func add(
        _ name: String, _ message: String, _ cure: String = "do so", kind: RefusalLog.Kind = .other,
        now: Int64 = 1_425_926_363
    ) {
        let directory = open()
        defer { if directory >= 0 { close(directory) } }
        let (name, message, cure) = (Array(name.utf8), Array(message.utf8), Array(cure.utf8))
        RefusalLog.add(
            name.rawSpan, message: message.rawSpan, cure: cure.rawSpan, kind: kind, in: directory, now: now)
    }

    func read(_ path: String? = nil) -> String? {
        guard let file = unsafe fopen(path ?? file, "r") else { return nil }
        defer { unsafe fclose(file) }
        var content = [UInt8](repeating: 0, count: 1 << 16)
        let count = unsafe fread(&content, 1, content.count, file)
        return String(decoding: content[..<count], as: UTF8.self)
    }

    func write(_ text: String, to path: String? = nil) {
        guard let file = unsafe fopen(path ?? file, "w") else { return }
        unsafe fputs(text, file)
        unsafe fclose(file)
    }

    var lines: [String] { (read() ?? "").split(separator: "\n").map(String.init) }
}

@Suite("The refusals that status shows")
struct RefusalLogTests {
    private let state = State()

    @Test("hold when, for which name, what and the cure")
    func line() {
        state.add("prod", "the vault is locked", "run 'sealring unlock'", kind: .locked)
        #expect(
            state.read()
                == "2015-03-09T18:39:23Z\t1\tprod\tthe vault is locked\trun 'sealring unlock'\tlocked\n")
        var status = stat()
        #expect(unsafe lstat(state.file, &status) == 0 && status.st_mode & 0o7777 == 0o600)
    }

    @Test("hold the same one once, with its last time and how often it came")
    func same() {
        for second in 0..<3 as Range<Int64> { state.add("prod", "locked", now: second) }
        state.add("prod", "locked", "another cure", now: 5)
        state.add("prod2", "locked", now: 6)
        state.add("prod", "locked", now: 7)
        #expect(
            state.lines == [
                "1970-01-01T00:00:05Z\t1\tprod\tlocked\tanother cure\tother",
                "1970-01-01T00:00:06Z\t1\tprod2\tlocked\tdo so\tother",
                "1970-01-01T00:00:07Z\t4\tprod\tlocked\tdo so\tother",
            ])
    }

    @Test("are the last eight, and bounded however long their parts are")
    func bounds() {
        for number in 0..<20 { state.add("name\(number)", String(repeating: "x", count: 450)) }
        #expect(state.lines.map { $0.split(separator: "\t")[2] } == (12..<20).map { "name\($0)" })
        for number in 0..<20 {
            state.add(
                "\(number)" + String(repeating: "n", count: 9000), String(repeating: "m", count: 9000),
                String(repeating: "ä", count: 9000))
        }
        #expect(state.lines.count == RefusalLog.limit)
        #expect(state.lines.allSatisfy { $0.utf8.count < 1200 && $0.split(separator: "\t").count == 6 })
    }

    @Test(
        "keep nothing that a terminal obeys",
        arguments: [
            "\u{1B}[31mred", "a\tb", "a\nb", "a\rb", "\u{9B}31m", "\u{7F}", "\u{202E}", "\u{200B}", "\u{85}",
            "\u{2028}", "\u{E0041}", "\u{0}",
        ])
    func escapes(text: String) {
        state.add(text, text, text)
        #expect(state.lines.count == 1)
        let parts = state.lines[0].split(separator: "\t", omittingEmptySubsequences: false)
        #expect(parts.count == 6 && parts[2] == parts[3] && parts[2].contains("?"))
        #expect(state.lines[0].unicodeScalars.allSatisfy { $0 == "\t" || $0.isASCII && $0.value >= 0x20 })
    }

    @Test(
        "begin anew where the file holds something else",
        arguments: [
            "", "old text", "old text\n", "\t\t\t\t", "\ta\tb\tc\td\n", "x\t99999999999999999999\ta\tb\tc\n",
        ])
    func damaged(text: String) {
        state.write(text)
        state.add("prod", "locked")
        #expect(state.lines.last == "2015-03-09T18:39:23Z\t1\tprod\tlocked\tdo so\tother")
        #expect(state.lines.count <= 2)
    }

    @Test("leave the lines of earlier versions as they are")
    func earlier() {
        let line = "2015-03-09T18:39:22Z\t2\tprod\tlocked\tdo so"
        state.write(line + "\n")
        state.add("prod", "locked", kind: .locked)
        #expect(state.lines == [line, "2015-03-09T18:39:23Z\t1\tprod\tlocked\tdo so\tlocked"])
    }

    @Test("count no further than a million")
    func counts() {
        state.write("2015-03-09T18:39:23Z\t1000000\tprod\tlocked\tdo so\tother\n")
        state.add("prod", "locked")
        #expect(state.lines == ["2015-03-09T18:39:23Z\t1000000\tprod\tlocked\tdo so\tother"])
    }

    @Test("are not written through a symbolic link")
    func link() {
        let elsewhere = state.path + "/elsewhere"
        state.write("as it was", to: elsewhere)
        #expect(unsafe symlink(elsewhere, state.file) == 0)
        state.add("prod", "locked")
        #expect(state.read(elsewhere) == "as it was")
    }

    @Test("are not written into a pipe, which nobody reads")
    func pipe() {
        #expect(unsafe mkfifo(state.file, 0o600) == 0)
        state.add("prod", "locked")
        var status = stat()
        #expect(unsafe lstat(state.file, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    }

    @Test("are not written into a file or a directory that others write to", arguments: [true, false])
    func others(isDirectory: Bool) {
        state.write("")
        #expect(unsafe chmod(isDirectory ? state.path : state.file, isDirectory ? 0o777 : 0o666) == 0)
        state.add("prod", "locked")
        #expect(state.read() == "")
        unsafe chmod(state.path, 0o700)
    }

    @Test("are dropped while another program holds the file for too long")
    func held() {
        state.write("")
        let file = unsafe open(state.file, O_RDONLY)
        #expect(flock(file, LOCK_EX) == 0)
        state.add("prod", "locked")
        close(file)
        #expect(state.read() == "")
    }
}

@Suite("The directory of this machine's state")
struct StateDirectoryTests {
    private func open(_ path: String) -> Int32 {
        let bytes = Array(path.utf8)
        return StateDirectory(bytes.rawSpan).open()
    }

    @Test("is made with those above it, closed to others")
    func made() {
        let state = State()
        let directory = open(state.path + "/a/b")
        #expect(directory >= 0)
        close(directory)
        var status = stat()
        for name in ["/a/b", "/a"] {
            #expect(unsafe lstat(state.path + name, &status) == 0 && status.st_mode & 0o7777 == 0o700)
            unsafe rmdir(state.path + name)
        }
    }

    @Test("is not a symbolic link")
    func link() {
        let state = State()
        let link = state.path + "/elsewhere"
        #expect(unsafe symlink("/tmp", link) == 0)
        #expect(open(link) < 0)
    }

    @Test("is not made in the home of another user", .enabled(if: geteuid() == 0))
    func foreign() {
        let state = State()
        #expect(unsafe chown(state.path, 65534, 65534) == 0)
        #expect(open(state.path + "/a/b") < 0)
        #expect(unsafe access(state.path + "/a", F_OK) != 0)
        #expect(open(state.path) < 0)
    }
}

@Suite("How long is waited for people")
struct TimeoutTests {
    @Test("a question ends by itself before its program is ended, and both before a client gives up")
    func questions() {
        // Java's toolkit waits for 30 s, Go for 60 s.
        #expect((20..<30).contains(Timeouts.question))
        #expect(Timeouts.question < Timeouts.prompt && Timeouts.prompt <= 30)
    }
}
