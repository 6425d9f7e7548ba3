package import Platform

/// A temporary directory of one test, removed with everything in it.
package final class Scratch: Sendable {
    /// A system call on this path failed with this `errno`.
    package struct Failure: Error {
        package let path: String
        package let code: Int32
    }

    package let path: String

    package init() {
        var template = Array("/tmp/sealring-test-XXXXXX".utf8CString)
        precondition(unsafe mkdtemp(&template) != nil, "no temporary directory")
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { remove() }

    /// The path of something in the directory.
    package func callAsFunction(_ name: String) -> String { path + "/" + name }

    /// The names in the directory, sorted.
    package func entries() throws -> [String] {
        guard let names = Self.entries(of: path) else { throw Failure(path: path, code: errno) }
        return names.sorted()
    }

    /// The permissions of something in the directory; nil if it does not exist.
    package func permissions(_ name: String) -> mode_t? {
        var status = stat()
        return unsafe lstat(self(name), &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    /// The contents of a file.
    package func bytes(of name: String) throws -> [UInt8] {
        guard let file = unsafe fopen(self(name), "r") else { throw Failure(path: self(name), code: errno) }
        defer { unsafe fclose(file) }
        var found: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = unsafe fread(&part, 1, part.count, file)
            if count == 0 { return found }
            found += part[..<count]
        }
    }

    /// Writes a file in place, or makes one with these permissions.
    package func put(_ bytes: [UInt8], at name: String, mode: mode_t = 0o600) throws {
        let file = unsafe open(self(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard file >= 0 else { throw Failure(path: self(name), code: errno) }
        defer { close(file) }
        let written = unsafe bytes.withUnsafeBytes { unsafe write(file, $0.baseAddress, $0.count) }
        guard written == bytes.count else { throw Failure(path: self(name), code: errno) }
        fchmod(file, mode)
    }

    /// Removes the directory before the end of the test.
    package func remove() { Self.remove(path) }

    private static func entries(of path: String) -> [String]? {
        guard let stream = unsafe opendir(path) else { return nil }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                unsafe pointer.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Links are removed, not followed.
    private static func remove(_ path: String) {
        _ = unsafe chmod(path, 0o700)
        for name in entries(of: path) ?? [] where unsafe unlink(path + "/" + name) != 0 {
            remove(path + "/" + name)
        }
        unsafe rmdir(path)
    }
}

/// Calls `body` with the path of a temporary directory, which is removed with everything in it.
package func withTemporaryDirectory(_ body: (String) throws -> Void) rethrows {
    let scratch = Scratch()
    defer { scratch.remove() }
    try body(scratch.path)
}

/// Calls `body` with the path of a temporary directory, which is removed with everything in it.
package func withTemporaryDirectory(_ body: (String) async throws -> Void) async rethrows {
    let scratch = Scratch()
    defer { scratch.remove() }
    try await body(scratch.path)
}
