import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A directory that is ours alone to write, held open so that nobody swaps it while we work in it.
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
            throw .notRegular(path: path, found: "something that is no directory")
        }
        if strict {
            let status = try handle.status()
            try status.requireOwn(path)
            try status.requireNotWritableByOthers(path)
        }
        self.handle = handle
    }

    /// Makes the directory and those above it, each closed to others; what exists is left as it is.
    package static func make(_ path: String) throws(FileError) {
        var parent = ""
        for part in path.split(separator: "/") {
            parent += (parent.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            guard unsafe mkdir(parent, 0o700) != 0 else { continue }
            let code = errno
            var status = stat()
            if unsafe stat(parent, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { continue }
            throw .system(call: "mkdir", path: parent, code: code == EEXIST ? ENOTDIR : code)
        }
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

    /// Removes an entry; one that does not exist is no error.
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
