import DurableFiles
import Platform
import SecureMemory
import TestSupport
import Testing

struct FileHandleTests {
    static let limit = 200_000
    static let sizes = [0, 1, 4096, 65_535, 65_536, 65_537, 131_073, limit - 1, limit]

    let scratch = Scratch()

    @Test("a whole file is read into secret memory of its size", arguments: sizes)
    func readsFile(size: Int) throws {
        let text = Self.text(size)
        try scratch.write(text, to: "file")
        let bytes = try FileHandle.open(scratch("file")).readAll(limit: Self.limit)
        #expect(bytes.exposed == Array(text.utf8))
    }

    @Test("a whole pipe is read, however slowly it is written", arguments: sizes)
    func readsPipe(size: Int) throws {
        let (input, output) = try Self.pipe()
        let text = Array(Self.text(size).utf8)
        inThread {
            // The end of the pipe is seen when its writer is gone.
            let output = FileHandle(adopting: output, path: "pipe")
            for start in stride(from: 0, to: size, by: 50_000) {
                let part = Array(text[start..<min(size, start + 50_000)])
                try? output.write(part.rawSpan)
                usleep(2000)
            }
        }
        let bytes = try FileHandle(adopting: input, path: "pipe").readAll(limit: Self.limit)
        #expect(bytes.exposed == text)
    }

    @Test("a file with a byte too many is refused", arguments: [1, 100, 65_536, limit])
    func tooLarge(limit: Int) throws {
        try scratch.write(Self.text(limit + 1), to: "file")
        let file = try FileHandle.open(scratch("file"))
        #expect(throws: FileError.tooLarge(path: scratch("file"), limit: limit)) {
            _ = try file.readAll(limit: limit)
        }
    }

    @Test("a pipe that never ends is refused at the limit")
    func endlessPipe() throws {
        let (input, output) = try Self.pipe()
        let reader = FileHandle(adopting: input, path: "pipe")
        let writer = FileHandle(adopting: output, path: "pipe")
        try writer.write([UInt8](repeating: 1, count: 5000).rawSpan)
        #expect(throws: FileError.tooLarge(path: "pipe", limit: 4999)) {
            _ = try reader.readAll(limit: 4999)
        }
    }

    @Test(
        "reading into a buffer fills it, or ends with the file",
        arguments: [(10, 4, 4), (3, 4, 3), (0, 4, 0)])
    func readsIntoBuffer(size: Int, room: Int, expected: Int) throws {
        try scratch.write(Self.text(size), to: "file")
        var buffer = [UInt8](repeating: 0, count: room)
        let file = try FileHandle.open(scratch("file"))
        let got = try file.read(into: buffer.mutableRawSpan)
        #expect(got == expected)
        #expect(buffer.prefix(got) == Array(Self.text(size).utf8).prefix(got))
    }

    @Test("a missing file is missing, and a link is named with its target")
    func refusals() throws {
        try #require(unsafe symlink("file", scratch("link")) == 0)
        try scratch.write("text", to: "file")
        #expect(throws: FileError.missing(path: scratch("none"))) {
            _ = try FileHandle.open(scratch("none"))
        }
        #expect(throws: FileError.symbolicLink(path: scratch("link"), target: "file")) {
            _ = try FileHandle.open(scratch("link"))
        }
    }

    @Test("a file of any size is refused beyond the limit", arguments: [101, 1 << 31, 1 << 43, Int.max])
    func sparse(size: Int) throws {
        // Where the file system takes no such size, another one may.
        for folder in [scratch.path, "/dev/shm"] {
            let path = folder + "/sealring-sparse-\(getpid())-\(size)"
            let file = try FileHandle.open(path, flags: O_RDWR | O_CREAT | O_EXCL, mode: 0o600)
            _ = unsafe unlink(path)
            guard ftruncate(file.descriptor, size) == 0 else { continue }
            #expect(throws: FileError.tooLarge(path: path, limit: 100)) { _ = try file.readAll(limit: 100) }
        }
    }

    @Test("opening a FIFO does not wait for a writer, and says what it is")
    func fifo() throws {
        try #require(unsafe mkfifo(scratch("fifo"), 0o600) == 0)
        let status = try FileHandle.open(scratch("fifo")).status()
        #expect(status.kind == "a FIFO" && !status.isRegular)
        #expect(throws: FileError.notRegular(path: "p", found: "a FIFO")) { try status.requireRegular("p") }
    }

    @Test(
        "a status tells who may do what",
        arguments: [(0o600, true, true), (0o640, true, false), (0o620, false, false), (0o602, false, false)])
    func permissions(mode: UInt32, isNotWritable: Bool, isClosed: Bool) throws {
        try scratch.write("", to: "file", mode: mode)
        let status = try FileHandle.open(scratch("file")).status()
        #expect(status.permissions == mode && status.owner == geteuid())
        try status.requireOwn("file")
        #expect(((try? status.requireNotWritableByOthers("file")) != nil) == isNotWritable)
        #expect(((try? status.requireClosedToOthers("file")) != nil) == isClosed)
    }

    private static func text(_ size: Int) -> String {
        String(decoding: (0..<size).map { UInt8(97 + $0 % 26) }, as: UTF8.self)
    }

    private static func pipe() throws -> (input: Int32, output: Int32) {
        var ends: [Int32] = [0, 0]
        try #require(unsafe Glibc.pipe(&ends) == 0)
        return (ends[0], ends[1])
    }
}

extension SecretBytes {
    /// A copy outside of secret memory, for a comparison.
    fileprivate var exposed: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}
