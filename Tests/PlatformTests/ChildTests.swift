import Testing

@testable import Platform

@Suite("A child is waited for, and signalled only while it is ours")
struct ChildTests {
    private static func start(_ words: String..., output: ChildProcess.Stream = .null) throws -> Child {
        try ChildProcess.start(
            CWords(words), environment: CWords(),
            streams: ChildProcess.Streams(input: .null, output: output, errors: .null))
    }

    /// The number of a program that sleeps until it is killed.
    private static func sleeper() throws -> pid_t { try start("/bin/sleep", "600").process }

    /// How one of them ended, by a wait that ends long before a minute.
    private static func ending(_ child: inout Child) -> Child.Ending { child.wait(milliseconds: 60_000) }

    @Test("the exit status, or the signal, is told again each time", arguments: [true, false])
    func endings(hasDescriptor: Bool) throws {
        var child = try Self.start("/bin/sh", "-c", "exit 7")
        let endings = [Self.ending(&child), child.ending()]
        #expect(endings == [.ended(code: 7), .ended(code: 7)])
        var killed = Child(process: try Self.sleeper(), hasDescriptor: hasDescriptor)
        let before = [killed.ending(), killed.wait(milliseconds: 0)]
        #expect(before == [.running, .running])
        let isSent = killed.signal(SIGTERM)
        #expect(isSent)
        let ending = Self.ending(&killed)
        #expect(ending == .ended(code: 128 + SIGTERM))
        let isSentAgain = killed.signal(SIGTERM)
        #expect(!isSentAgain)
    }

    @Test("one that others have waited for is not signalled", arguments: [true, false])
    func waitedFor(hasDescriptor: Bool) throws {
        let number = try Self.sleeper()
        var child = Child(process: number, hasDescriptor: hasDescriptor)
        kill(number, SIGKILL)
        #expect(waitpid(number, nil, 0) == number)
        let isSent = child.signal(SIGKILL)
        #expect(!isSent)
        let endings = [child.ending(), Self.ending(&child)]
        #expect(endings == [.unknown, .unknown])
    }

    // As when its number has been given to another process.
    @Test("a process that is no child is not signalled", arguments: [true, false])
    func noChild(hasDescriptor: Bool) throws {
        let pipe = try ChildProcess.Pipe()
        let parent = try Self.start(
            "/bin/sh", "-c", "sleep 600 >/dev/null & echo $!; wait", output: .descriptor(pipe.writing))
        let reading = pipe.takeReading()
        defer { close(reading) }
        let number = try #require(pid_t(Self.line(reading)))
        defer { kill(number, SIGKILL) }
        var child = Child(process: number, hasDescriptor: hasDescriptor)
        let isSent = child.signal(SIGKILL)
        #expect(!isSent)
        let ending = child.ending()
        #expect(ending == .unknown)
        child.stop(SIGKILL, milliseconds: 60_000)
        parent.stop(SIGKILL, milliseconds: 60_000)
        #expect(kill(number, 0) == 0)
    }

    @Test("one that ignores the first signal is killed")
    func stop() throws {
        let pipe = try ChildProcess.Pipe()
        let child = try Self.start(
            "/bin/sh", "-c", "trap '' TERM; echo; exec sleep 600", output: .descriptor(pipe.writing))
        let reading = pipe.takeReading()
        defer { close(reading) }
        #expect(Self.line(reading) == "")
        child.stop(SIGTERM, milliseconds: 100)
        // The end of the pipe comes once nobody has it open any more.
        var byte: UInt8 = 0
        let count = unsafe read(reading, &byte, 1)
        #expect(count == 0)
    }

    /// What comes up to a line feed.
    private static func line(_ descriptor: Int32) -> String {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while unsafe read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { line.append(byte) }
        return String(decoding: line, as: UTF8.self)
    }
}
