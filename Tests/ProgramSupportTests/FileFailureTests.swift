import DurableFiles
import Testing

@testable import ProgramSupport

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

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
}
