import DurableFiles
import Platform
import TestSupport
import Testing

struct DirectoryTests {
    let scratch = Scratch()

    @Test(
        "directories are made with those above them, closed to others",
        arguments: ["a", "a/b/c", "a//b/", "./a/../a/b"])
    func makes(path: String) throws {
        try Directory.make(scratch(path))
        #expect(scratch.permissions(path) == 0o700)
        #expect(scratch.permissions("a") == 0o700)
    }

    @Test("a directory that exists is left as it is")
    func leaves() throws {
        try #require(unsafe mkdir(scratch("a"), 0o755) == 0 && chmod(scratch("a"), 0o755) == 0)
        try Directory.make(scratch("a/b"))
        #expect(scratch.permissions("a") == 0o755)
    }

    @Test("a file in the way is told")
    func fileInTheWay() throws {
        try scratch.write("", to: "a")
        #expect(throws: FileError.system(call: "mkdir", path: scratch("a"), code: ENOTDIR)) {
            try Directory.make(scratch("a/b"))
        }
    }

    @Test("a symbolic link, a file and nothing are no directory")
    func refusals() throws {
        try Directory.make(scratch("real"))
        try scratch.write("", to: "file")
        try #require(unsafe symlink("real", scratch("link")) == 0)
        #expect(throws: FileError.symbolicLink(path: scratch("link"), target: "real")) {
            _ = try Directory(scratch("link"))
        }
        #expect(throws: FileError.notRegular(path: scratch("file"), found: "something that is no directory"))
        {
            _ = try Directory(scratch("file"))
        }
        #expect(throws: FileError.missing(path: scratch("none"))) { _ = try Directory(scratch("none")) }
    }

    @Test(
        "a directory that others may write to is refused, unless that is wanted",
        arguments: [0o770, 0o707, 0o777])
    func writableByOthers(mode: UInt32) throws {
        try Directory.make(scratch("open"))
        try #require(unsafe chmod(scratch("open"), mode_t(mode)) == 0)
        #expect(throws: FileError.writableByOthers(path: scratch("open"), mode: mode)) {
            _ = try Directory(scratch("open"))
        }
        _ = try Directory(scratch("open"), strict: false)
    }

    @Test(
        "another user's directory is refused",
        .enabled(if: geteuid() == 0, "only root can give a directory away"))
    func foreignOwner() throws {
        try Directory.make(scratch("foreign"))
        try #require(unsafe chown(scratch("foreign"), 65534, 65534) == 0)
        #expect(throws: FileError.foreignOwner(path: scratch("foreign"), uid: 65534)) {
            _ = try Directory(scratch("foreign"))
        }
    }

    @Test(
        "nothing is made in another user's directory, unless it is for everyone",
        .enabled(if: geteuid() == 0, "only root can give a directory away"),
        arguments: [(0o700, false), (0o777, false), (0o1700, false), (0o1777, true)] as [(UInt32, Bool)])
    func foreignParent(mode: UInt32, isMade: Bool) throws {
        try Directory.make(scratch("home"))
        try #require(unsafe chown(scratch("home"), 65534, 65534) == 0)
        try #require(unsafe chmod(scratch("home"), mode_t(mode)) == 0)
        if isMade {
            try Directory.make(scratch("home/.local/share"))
            #expect(scratch.permissions("home/.local/share") == 0o700)
        } else {
            #expect(throws: FileError.foreignOwner(path: scratch("home"), uid: 65534)) {
                try Directory.make(scratch("home/.local/share"))
            }
            #expect(scratch.permissions("home/.local") == nil)
        }
        // What exists is not looked at: to use it is refused elsewhere.
        try Directory.make(scratch("home"))
    }

    @Test("names are listed, entries described and removed, links not followed")
    func entries() throws {
        try scratch.write("text", to: "file")
        try #require(unsafe symlink("file", scratch("link")) == 0)
        let directory = try Directory(scratch.path)
        #expect(try directory.names().sorted() == ["file", "link"])
        #expect(try directory.status(of: "file")?.size == 4)
        #expect(try directory.status(of: "link")?.isSymbolicLink == true)
        #expect(try directory.status(of: "none") == nil)
        try directory.remove("link")
        try directory.remove("none")
        #expect(try scratch.names() == ["file"])
    }
}
