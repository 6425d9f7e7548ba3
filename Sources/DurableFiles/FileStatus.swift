import Platform

/// The parts of a file's status that matter here.
package struct FileStatus: Equatable, Sendable {
    /// The permission bits, for example `0o600`.
    package let permissions: UInt32
    /// The user id of the owner.
    package let owner: UInt32
    /// The length in bytes.
    package let size: Int
    /// What the file is, in words, for example `a FIFO`.
    package let kind: String
    /// Whether it is a regular file.
    package let isRegular: Bool
    /// Whether it is a symbolic link.
    package let isSymbolicLink: Bool
    /// What distinguishes this file from every other one on the machine.
    package let identity: [UInt64]

    init(_ status: stat) {
        permissions = UInt32(status.st_mode & 0o7777)
        owner = status.st_uid
        size = Int(status.st_size)
        let format = status.st_mode & S_IFMT
        kind = Self.name(of: format)
        isRegular = format == S_IFREG
        isSymbolicLink = format == S_IFLNK
        identity = [UInt64(status.st_dev), UInt64(status.st_ino)]
    }

    /// The status of what is at the path itself; nil if it cannot be read.
    package static func of(_ path: String) -> FileStatus? {
        var status = stat()
        return unsafe lstat(path, &status) == 0 ? FileStatus(status) : nil
    }

    /// The status of what the path leads to.
    package static func following(_ path: String) throws(FileError) -> FileStatus {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { throw .last("fstatat", path) }
        return FileStatus(status)
    }

    package static let directory = "a directory"
    package static let regular = "a regular file"
    package static let notDirectory = "something that is no directory"

    package func requireRegular(_ path: String) throws(FileError) {
        guard isRegular else { throw .notRegular(path: path, found: kind) }
    }

    package func requireOwn(_ path: String, orRoot: Bool = false) throws(FileError) {
        guard owner == geteuid() || (orRoot && owner == 0) else {
            throw .foreignOwner(path: path, uid: owner)
        }
    }

    package func requireNotWritableByOthers(_ path: String) throws(FileError) {
        guard permissions & 0o022 == 0 else { throw .writableByOthers(path: path, mode: permissions) }
    }

    package func requireClosedToOthers(_ path: String) throws(FileError) {
        guard permissions & 0o077 == 0 else { throw .readableByOthers(path: path, mode: permissions) }
    }

    private static func name(of format: mode_t) -> String {
        switch format {
        case S_IFREG: regular
        case S_IFDIR: directory
        case S_IFIFO: "a FIFO"
        case S_IFLNK: "a symbolic link"
        case S_IFSOCK: "a socket"
        case S_IFCHR, S_IFBLK: "a device"
        default: "something unknown"
        }
    }
}
