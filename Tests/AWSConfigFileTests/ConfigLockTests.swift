import AWSConfigGrammar
import DurableFiles
import Platform
import TestSupport
import Testing

@testable import AWSConfigFile

@Suite("The lock of a file")
struct ConfigLockTests {
    private let name = ".config.sealring-lock"

    @Test("whatever becomes of an edit, no lock stays beside the file")
    func nothingLeft() throws {
        try withTemporaryDirectory { directory in
            try write("[default]\n", to: directory + "/config")
            let file = ConfigFile(path: directory + "/config", kind: .config)
            let undo = UndoStore(directory: directory + "/state")
            let target = try ProfileName("target")
            func names() throws -> Set<String> { try Set(Directory(directory).names()) }
            _ = try file.configure(target, settings(), undo: undo)
            #expect(try names() == ["config", "state"])
            _ = failure {
                _ = try file.update { (_, _) throws(AWSConfigError) in throw .noRole(profile: "x") }
            }
            #expect(try names() == ["config", "state"])
            _ = try file.unconfigure(target, undo: undo)
            #expect(try names() == ["config", "state"])
            // One that a killed process left is taken, and goes too.
            try write("", to: directory + "/" + name)
            _ = try file.configure(target, settings(), undo: undo)
            #expect(try names() == ["config", "state"])
        }
    }

    @Test("two dozen writers at once all have their profile in the file")
    func manyWriters() async throws {
        try await withTemporaryDirectory { directory in
            let file = ConfigFile(path: directory + "/config", kind: .config)
            let undo = UndoStore(directory: directory + "/state")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<24 {
                    group.addTask {
                        _ = try file.configure(
                            ProfileName("p\(number)"), settings(), undo: undo, lockSeconds: 60)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try file.read().profileNames.count == 24)
            #expect(try Set(Directory(directory).names()) == ["config", "state"])
        }
    }

    @Test("one who waited for a lock whose file is gone waits for the new file")
    func removedMeanwhile() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/" + name
            let home = try Directory(directory)
            let first = try FileLock(name, in: home, seconds: 0)
            let waiter = Task.detached {
                failure {
                    let home = try Directory(directory)
                    try ConfigLock.hold("config", in: home, seconds: 1) { () throws(AWSConfigError) in }
                }
            }
            // The waiter has the first file open before another one gets its name.
            while descriptors(of: path) < 2 { usleep(1000) }
            try home.remove(name)
            let second = try FileLock(name, in: home, seconds: 0)
            _ = consume first
            #expect(await waiter.value == .file(.busy(path: path)))
            #expect(try home.status(of: name) != nil, "the lock of another is not removed")
            extendLifetime(second)
        }
    }

    private func descriptors(of path: String) -> Int {
        (0..<1024).count { number in
            var target = [UInt8](repeating: 0, count: 4096)
            let length = unsafe target.withUnsafeMutableBytes { bytes in
                unsafe bytes.withMemoryRebound(to: CChar.self) { buffer in
                    unsafe buffer.baseAddress.map {
                        unsafe readlink("/proc/self/fd/\(number)", $0, buffer.count)
                    } ?? -1
                }
            }
            return length > 0 && String(decoding: target[..<length], as: UTF8.self) == path
        }
    }
}
