import DurableFiles
import Platform
import SecureMemory
import TestSupport
import Testing

struct ReplacementTests {
    struct Refused: Error {}

    let scratch = Scratch()

    @Test(
        "the new file has the new bytes and its mode, and nothing else is left",
        arguments: [0o600, 0o644, 0o400])
    func replaces(mode: UInt32) throws {
        try scratch.write("old", to: "file", mode: 0o666)
        try replace(with: "new", Replacement(name: "file", mode: mode))
        #expect(try scratch.read("file") == "new")
        #expect(scratch.permissions("file") == mode)
        #expect(try scratch.names() == ["file"])
    }

    @Test("a file that did not exist is made")
    func creates() throws {
        try replace(with: "new", Replacement(name: "file", previous: .kept("file.prev")))
        #expect(try scratch.read("file") == "new")
        #expect(try scratch.names() == ["file"])
    }

    @Test("the temporary that is read back holds the new bytes while the old file is still in place")
    func verifies() throws {
        try scratch.write("old", to: "file")
        var found: [String?] = []
        try replace(with: "new", Replacement(name: "file")) { file in
            let bytes = try file.readAll(limit: 100)
            found.append(unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) })
            found.append(try scratch.read("file"))
        }
        #expect(found == ["new", "old"])
    }

    @Test(
        "when filling or reading back fails, the old file stays and no temporary", arguments: [true, false])
    func failure(inFill: Bool) throws {
        try scratch.write("old", to: "file")
        try scratch.write("older", to: "file.prev")
        #expect(throws: Refused.self) {
            try Replacement(name: "file", previous: .removed("file.prev")).write(
                in: Directory(scratch.path)
            ) { file in
                try file.write("half".utf8.span.rawSpan)
                if inFill { throw Refused() }
            } verify: { _ in
                throw Refused()
            }
        }
        #expect(try scratch.read("file") == "old")
        #expect(try scratch.names() == ["file", "file.prev"])
    }

    @Test("when the name is taken by a directory, it stays and no temporary")
    func failureToRename() throws {
        try Directory.make(scratch("file"))
        #expect(throws: FileError.self) { try replace(with: "new", Replacement(name: "file")) }
        #expect(try scratch.names() == ["file"])
    }

    @Test("temporaries of writers that were killed are swept, and nothing else")
    func sweeps() throws {
        for name in [".file.new-1", ".file.new-99999", ".other.new-1", "file.new-1", ".file.newer"] {
            try scratch.write("stale", to: name)
        }
        try replace(with: "new", Replacement(name: "file"))
        #expect(try scratch.names() == [".file.newer", ".other.new-1", "file", "file.new-1"])
    }

    @Test("the previous file is kept under its second name, in place of an earlier one")
    func previousKept() throws {
        try scratch.write("older", to: "file.prev")
        try scratch.write("old", to: "file")
        try replace(with: "new", Replacement(name: "file", previous: .kept("file.prev")))
        #expect(try scratch.read("file.prev") == "old")
        #expect(try scratch.read("file") == "new")
    }

    @Test("the previous file and what was kept of an earlier one can go")
    func previousRemoved() throws {
        try scratch.write("older", to: "file.prev")
        try scratch.write("old", to: "file")
        try replace(with: "new", Replacement(name: "file", previous: .removed("file.prev")))
        #expect(try scratch.names() == ["file"])
    }

    @Test("what must go of an earlier file is gone before the new one is in place")
    func previousRemovedFirst() throws {
        try Directory.make(scratch("file"))
        try scratch.write("revoked", to: "file.prev")
        // The new file cannot take the place of a directory: what was done before that is seen.
        #expect(throws: FileError.self) {
            try replace(with: "new", Replacement(name: "file", previous: .removed("file.prev")))
        }
        #expect(try scratch.names() == ["file"])
    }

    @Test("a directory that cannot be written is told, and the file stays")
    func readOnlyDirectory() async throws {
        await #expect(processExitsWith: .success) {
            let scratch = Scratch()
            try scratch.write("old", to: "file", mode: 0o644)
            if geteuid() == 0 {
                // Root may write everywhere: another user tries.
                try #require(unsafe chown(scratch.path, 65534, 65534) == 0 && seteuid(65534) == 0)
            }
            try #require(unsafe chmod(scratch.path, 0o500) == 0)
            let directory = try Directory(scratch.path)
            let error = #expect(throws: FileError.self) {
                try Replacement(name: "file").write(in: directory) { _ in
                } verify: { _ in
                }
            }
            guard case .system("create", _, EACCES) = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try scratch.names() == ["file"])
            _ = seteuid(0)
        }
    }

    private func replace(
        with text: String, _ replacement: Replacement,
        verify: (borrowing FileHandle) throws -> Void = { _ in }
    ) throws {
        let directory = try Directory(scratch.path)
        try replacement.write(in: directory) { file in
            try file.write(text.utf8.span.rawSpan)
        } verify: {
            try verify($0)
        }
    }
}
