import DurableFiles
import Platform
import Testing

@testable import ProgramSupport

@Suite struct FileFailureTests {
    @Test(
        "what is at a path is told, and what was expected there",
        arguments: [
            ("a device", "p is a device, not a regular file"),
            ("a directory", "p is a directory, not a regular file"),
            ("a regular file", "p is not a directory"),
            ("something that is no directory", "p is not a directory"),
        ])
    func namesKind(found: String, message: String) {
        #expect(Failure(FileError.notRegular(path: "p", found: found)).message == message)
    }

    @Test(
        "a file that may not be opened is told from its directory",
        arguments: [
            ("/etc/passwd", "of the file"), ("/nowhere/file", "of the directory"),
            ("/tmp", "of the directory"),
        ])
    func namesPermissions(path: String, place: String) throws {
        let failure = Failure(FileError.system(call: "open", path: path, code: EACCES))
        let hint = try #require(failure.hint)
        #expect(hint.contains("permissions \(place);"))
    }

    @Test(
        "a directory that is shared on purpose, or belongs to another user, is never to be closed",
        arguments: [
            ("/tmp", 0o1777, true, "choose a directory of your own"),
            ("/srv/all", 0o777, false, "choose a directory of your own"),
            ("/home/me/a b", 0o775, true, "close it with 'chmod go-w '/home/me/a b''"),
        ] as [(String, UInt32, Bool, String)])
    func closing(path: String, mode: UInt32, isOwn: Bool, says: String) {
        #expect(Failure.closing(path, mode, isOwn: isOwn) == says)
    }

    @Test("advice to close a file names it")
    func named() {
        let open = Failure(FileError.readableByOthers(path: "/home/me/p", mode: 0o644))
        #expect(open.hint == "close it with 'chmod go= /home/me/p'")
        #expect(
            Failure(untrusted: "/opt/sealring-aws").hint == "close it with 'chmod go-w /opt/sealring-aws'")
    }
}
