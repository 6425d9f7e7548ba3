import Platform

/// Where this machine's state is: `SEALRING_STATE_DIR`, else `$XDG_STATE_HOME/sealring`, else
/// `~/.local/state/sealring`.
package struct StateDirectory: ~Copyable {
    private var path = MessageText(limit: Int(PATH_MAX))

    /// The directory that the environment says; nil when it says none.
    package init?() {
        if let directory = unsafe EnvironmentBytes("SEALRING_STATE_DIR") {
            unsafe path.append(directory.bytes)
        } else if let base = unsafe EnvironmentBytes.absolute("XDG_STATE_HOME") {
            unsafe path.append(base.bytes)
            path.append("/sealring")
        } else {
            guard let home = unsafe EnvironmentBytes.absolute("HOME") else { return nil }
            unsafe path.append(home.bytes)
            path.append("/.local/state/sealring")
        }
        guard !path.isCut else { return nil }
    }

    package init(_ directory: UnsafeRawBufferPointer) { unsafe path.append(directory) }

    /// Opens the directory, made when it is missing; -1 when it is not ours alone to write.
    package func open() -> Int32 {
        make()
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let directory = unsafe path.withPath { unsafe platform_openat(AT_FDCWD, $0, flags, 0) }
        guard directory >= 0 else { return -1 }
        var status = stat()
        guard unsafe fstat(directory, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o022 == 0
        else {
            close(directory)
            return -1
        }
        return directory
    }

    /// Makes the directory and those above it; nothing in a directory of another user, as of one whose HOME
    /// sudo keeps.
    private func make() {
        unsafe path.withPath { path in
            let slash = CChar(bitPattern: UInt8(ascii: "/"))
            // A relative path begins in the working directory.
            var isOurs = unsafe path[0] == slash || Self.isOurs(".")
            var position = 1
            while unsafe path[position - 1] != 0 {
                let end = unsafe path[position]
                if end == slash || end == 0 {
                    unsafe path[position] = 0
                    if isOurs { unsafe mkdir(path, 0o700) }
                    isOurs = unsafe Self.isOurs(path)
                    unsafe path[position] = end
                }
                position += 1
            }
        }
    }

    private static func isOurs(_ path: UnsafePointer<CChar>) -> Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && (status.st_uid == geteuid() || status.st_uid == 0)
    }
}
