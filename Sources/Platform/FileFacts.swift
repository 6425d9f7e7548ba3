/// What the system says of a file, for programs that build no strings.
package struct FileFacts: Sendable {
    package let owner: UInt32
    /// Kind and permissions.
    private let mode: UInt32

    package var isDirectory: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }
    package var isRegular: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFREG) }
    package var isSocket: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFSOCK) }
    package var isWritableByOthers: Bool { mode & 0o022 != 0 }
    /// Whether it belongs to the user whose rights this process has.
    package var isOurs: Bool { owner == geteuid() }

    /// `stat(2)` or `lstat(2)`; nil with `errno` set.
    package init?(_ path: UnsafePointer<CChar>, followingLinks: Bool) {
        var status = stat()
        guard unsafe (followingLinks ? stat(path, &status) : lstat(path, &status)) == 0 else { return nil }
        self.init(status)
    }

    /// `fstat(2)`; nil with `errno` set.
    package init?(descriptor: Int32) {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: stat) {
        owner = UInt32(status.st_uid)
        mode = UInt32(status.st_mode)
    }
}
