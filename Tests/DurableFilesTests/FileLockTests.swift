import DurableFiles
import Platform
import SecureMemory
import TestSupport
import Testing

struct FileLockTests {
    let scratch = Scratch()

    @Test("a lock that is held is busy, and free again at its end")
    func busy() throws {
        let directory = try Directory(scratch.path)
        let lock = try FileLock("lock", in: directory, seconds: 0)
        #expect(throws: FileError.busy(path: scratch("lock"))) {
            _ = try FileLock("lock", in: directory, seconds: 0.05)
        }
        release(lock)
        release(try FileLock("lock", in: directory, seconds: 0))
    }

    @Test("a lock is waited for until it is released")
    func waits() throws {
        let path = scratch.path
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        let input = FileHandle(adopting: ends[0], path: "pipe")
        let output = ends[1]
        let lock = try FileLock("lock", in: Directory(path), seconds: 0)
        inThread {
            let output = FileHandle(adopting: output, path: "pipe")
            guard let directory = try? Directory(path),
                let second = try? FileLock("lock", in: directory, seconds: 10)
            else { return }
            try? output.write([UInt8(1)].rawSpan)
            release(second)
        }
        usleep(50_000)
        release(lock)
        #expect(try input.readAll(limit: 10).count == 1)
    }

    @Test("the lock's file is closed to others and stays")
    func file() throws {
        release(try FileLock("lock", in: Directory(scratch.path), seconds: 0))
        #expect(scratch.permissions("lock") == 0o600)
    }

    @Test("what is no regular file is not locked")
    func notRegular() throws {
        try #require(unsafe mkfifo(scratch("fifo"), 0o600) == 0)
        try #require(unsafe symlink("elsewhere", scratch("link")) == 0)
        let directory = try Directory(scratch.path)
        #expect(throws: FileError.notRegular(path: scratch("fifo"), found: "a FIFO")) {
            _ = try FileLock("fifo", in: directory, seconds: 0)
        }
        #expect(throws: FileError.symbolicLink(path: scratch("link"), target: "elsewhere")) {
            _ = try FileLock("link", in: directory, seconds: 0)
        }
        #expect(try scratch.names() == ["fifo", "link"])
    }
}

private func release(_ lock: consuming FileLock) {}
