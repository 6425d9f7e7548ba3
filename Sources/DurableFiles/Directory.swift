import Platform

/// A directory that only this user can write to, held open so that it cannot be swapped while in use.
package struct Directory: ~Copyable {
    package let handle: FileHandle

    package var path: String { handle.path }

    /// Opens a directory that belongs to this user and that others may not write to.
    ///
    /// - Parameter strict: whether a foreign owner or open permissions are refused.
    package init(_ path: String, strict: Bool = true) throws(FileError) {
        let handle: FileHandle
        do {
            handle = try FileHandle.open(path, flags: O_RDONLY | O_DIRECTORY)
        } catch .system(_, _, ENOTDIR) {
            // With O_DIRECTORY and O_NOFOLLOW the kernel names a symbolic link "not a directory" too.
            if let target = linkTarget(path, at: AT_FDCWD) { throw .symbolicLink(path: path, target: target) }
            throw .notRegular(path: path, found: FileStatus.notDirectory)
        }
        if strict {
            let status = try handle.status()
            try status.requireOwn(path)
            try status.requireNotWritableByOthers(path)
        }
        self.handle = handle
    }

    /// Makes the directory and those above it, each closed to others; what exists is left as it is.
    ///
    /// Nothing is made in a directory of another user: what root made in the home of a user, for example under
    /// sudo, would shut that user out.
    ///
    /// - Throws: ``FileError/foreignOwner(path:uid:)`` with the directory that belongs to another user.
    package static func make(_ path: String) throws(FileError) {
        var parent = path.hasPrefix("/") ? "/" : "."
        for part in path.split(separator: "/") {
            let next = parent == "/" ? "/" + part : (parent == "." ? "" : parent + "/") + part
            if !isDirectory(next) {
                try requirePlace(parent)
                if unsafe mkdir(next, 0o700) != 0 {
                    let code = errno
                    if code == EEXIST, isDirectory(next) { continue }
                    if code == EACCES, let owner = foreignOwner(of: parent) {
                        throw .foreignOwner(path: parent, uid: owner)
                    }
                    throw .system(call: "mkdir", path: next, code: code == EEXIST ? ENOTDIR : code)
                }
            }
            parent = next
        }
    }

    private static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// A directory to make others in is ours, the system's, or for everyone, as `/tmp` is.
    private static func requirePlace(_ path: String) throws(FileError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return }
        let isForEveryone = status.st_mode & (S_ISVTX | S_IWOTH) == S_ISVTX | S_IWOTH
        guard status.st_uid == geteuid() || status.st_uid == 0 || isForEveryone else {
            throw .foreignOwner(path: path, uid: status.st_uid)
        }
    }

    private static func foreignOwner(of path: String) -> UInt32? {
        var status = stat()
        return unsafe stat(path, &status) == 0 && status.st_uid != geteuid() ? status.st_uid : nil
    }

    /// The status of an entry itself, a symbolic link included; nil when there is none.
    package func status(of name: String) throws(FileError) -> FileStatus? {
        var status = stat()
        if unsafe fstatat(handle.descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0 {
            return FileStatus(status)
        }
        guard errno == ENOENT else { throw .last("fstatat", path + "/" + name) }
        return nil
    }

    package func open(
        _ name: String, flags: Int32 = 0, mode: UInt32 = 0
    ) throws(FileError) -> FileHandle {
        try FileHandle.open(
            name, at: handle.descriptor, named: path + "/" + name, flags: flags, mode: mode)
    }

    /// Removes an entry; it is not an error if there is none.
    package func remove(_ name: String) throws(FileError) {
        guard unsafe unlinkat(handle.descriptor, name, 0) != 0, errno != ENOENT else { return }
        throw .last("unlink", path + "/" + name)
    }

    /// The names in the directory, without `.` and `..`, in no order.
    package func names() throws(FileError) -> [String] {
        let copy = unsafe platform_openat(handle.descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
        guard copy >= 0 else { throw .last("open", path) }
        guard let stream = unsafe fdopendir(copy) else {
            close(copy)
            throw .last("fdopendir", path)
        }
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
}
