import Platform
package import SecureMemory

/// An open file or directory, closed when the value ends.
package struct FileHandle: ~Copyable {
    package let descriptor: Int32
    /// The path as it is named in errors.
    package let path: String

    package init(adopting descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Opens `path` without following a symbolic link at its end, and without waiting on a FIFO.
    package static func open(
        _ path: String, flags: Int32 = 0, mode: UInt32 = 0
    ) throws(FileError) -> FileHandle {
        try open(path, at: AT_FDCWD, named: path, flags: flags, mode: mode)
    }

    static func open(
        _ path: String, at directory: Int32, named name: String, flags: Int32, mode: UInt32
    ) throws(FileError) -> FileHandle {
        let opened = unsafe path.withCString {
            unsafe platform_openat(directory, $0, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, mode_t(mode))
        }
        guard opened >= 0 else {
            if errno == ELOOP, let target = linkTarget(path, at: directory) {
                throw .symbolicLink(path: name, target: target)
            }
            if errno == ENXIO { throw .notRegular(path: name, found: "a socket") }
            throw .last(flags & O_CREAT != 0 ? "create" : "open", name)
        }
        return FileHandle(adopting: opened, path: name)
    }

    package func status() throws(FileError) -> FileStatus {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw .last("fstat", path) }
        return FileStatus(status)
    }

    /// Reads up to `limit` bytes from where the file stands, into secret memory from the first one.
    ///
    /// - Parameter seconds: how long a pipe may take for its next bytes; nil waits as long as it takes.
    package func readAll(limit: Int, seconds: Double? = nil) throws(FileError) -> SecretBytes {
        // A file can have any size: what is beyond the limit is not counted with.
        let expected = min(max(try status().size, 0), limit)
        let chunk = 64 << 10
        do {
            // One byte more than expected, so that the end of the usual file is seen without growing.
            var buffer = try SecretBuffer(capacity: expected + 1, limit: limit + 1)
            while true {
                let isShort = expected > 0 && buffer.count <= expected
                let got = try unsafe buffer.fill(room: isShort ? expected + 1 - buffer.count : chunk) {
                    (room) throws(FileError) in
                    if let seconds { try wait(seconds) }
                    return try unsafe readSome(into: room)
                }
                if buffer.count > limit { throw FileError.tooLarge(path: path, limit: limit) }
                if got == 0 { break }
            }
            return try buffer.finish()
        } catch let error as FileError {
            throw error
        } catch let error as SecureMemoryError {
            throw .memory(error)
        } catch {
            preconditionFailure("no other error is thrown here")
        }
    }

    /// Fills `target` from where the file stands; the number is smaller only when the file ended.
    package func read(into target: consuming MutableRawSpan) throws(FileError) -> Int {
        try unsafe target.withUnsafeMutableBytes { (target) throws(FileError) in
            var filled = 0
            while filled < target.count {
                let got = try unsafe readSome(
                    into: UnsafeMutableRawBufferPointer(rebasing: target[filled...]))
                if got == 0 { break }
                filled += got
            }
            return filled
        }
    }

    /// Writes all bytes.
    package func write(_ bytes: RawSpan) throws(FileError) {
        var rest = bytes
        while !rest.isEmpty {
            let written = unsafe rest.withUnsafeBytes {
                unsafe Platform.write(descriptor, $0.baseAddress, $0.count)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw .last("write", path) }
            rest = rest.extracting(droppingFirst: written)
        }
    }

    /// Writes all bytes of a secret; nil writes nothing.
    package func write(_ bytes: borrowing SecretBytes?) throws(FileError) {
        switch bytes {
        case .some(let bytes): try write(bytes.bytes)
        case .none: return
        }
    }

    package func setPermissions(_ permissions: UInt32) throws(FileError) {
        guard fchmod(descriptor, mode_t(permissions)) == 0 else { throw .last("fchmod", path) }
    }

    /// Waits until the file is on the disk. Never repeated after an error: the kernel reports it once.
    package func synchronize() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw .last("fsync", path) }
    }

    private func wait(_ seconds: Double) throws(FileError) {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&waiting, 1, Int32(seconds * 1000)) != 0 else { throw .busy(path: path) }
    }

    private func readSome(into target: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
        guard target.count > 0 else { return 0 }
        while true {
            let got = unsafe Platform.read(descriptor, target.baseAddress, target.count)
            if got >= 0 { return got }
            if errno == EAGAIN {
                var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                _ = unsafe poll(&waiting, 1, -1)
                continue
            }
            guard errno == EINTR else { throw .last("read", path) }
        }
    }
}

/// Where a symbolic link points; nil if the path is not a link.
func linkTarget(_ path: String, at directory: Int32) -> String? {
    var target = [CChar](repeating: 0, count: 4096)
    let length = unsafe readlinkat(directory, path, &target, target.count)
    guard length > 0 else { return nil }
    return String(decoding: target[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
