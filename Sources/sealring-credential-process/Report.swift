import AgentProtocol
import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension Refusal {
    /// Tells in one line on stderr, keeps it for those whose AWS client hides it, and ends the process.
    consuming func report(entry: UnsafeRawBufferPointer) -> Never {
        var line = Text(limit: 990)
        line.append("sealring: ")
        append(to: &line)
        unsafe line.withBytes { _ = unsafe writeOnce(2, $0) }
        unsafe keep(entry)
        _exit(code)
    }

    private func append(to text: inout Text) {
        unsafe message.withBytes { unsafe text.append($0) }
        text.append(": ")
        unsafe cure.withBytes { unsafe text.append($0) }
        text.append("\n")
    }

    /// Writes the last-error file of the state directory, which `sealring` writes in the same way. A failure is
    /// nobody's business: the line on stderr was the message.
    private func keep(_ entry: UnsafeRawBufferPointer) {
        guard var state = StateDirectory() else { return }
        let directory = state.open()
        guard directory >= 0 else { return }
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let file = unsafe platform_openat(directory, "last-error", flags, 0o600)
        guard file >= 0 else { return }
        var record = Text(limit: 2000)
        for byte in UTCTime.format(Int64(time(nil))) { record.append(byte: byte) }
        record.append(" ")
        unsafe record.appendPrintable(UnsafeRawBufferPointer(rebasing: entry.prefix(128)))
        record.append(": ")
        append(to: &record)
        unsafe record.withBytes { _ = unsafe writeOnce(file, $0) }
    }
}

/// Where this machine's state lies: `SEALRING_STATE_DIR`, else `$XDG_STATE_HOME/sealring`, else
/// `~/.local/state/sealring`.
private struct StateDirectory: ~Copyable {
    private var path = Text(limit: Int(PATH_MAX))

    init?() {
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

    /// Opens the directory, made when it is missing; -1 when it is not ours alone to write.
    mutating func open() -> Int32 {
        make()
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let directory = unsafe path.withPath { unsafe platform_openat(AT_FDCWD, $0, flags, 0) }
        var status = stat()
        guard directory >= 0, unsafe fstat(directory, &status) == 0, status.st_uid == geteuid(),
            status.st_mode & 0o022 == 0
        else { return -1 }
        return directory
    }

    /// Makes the directory and those above it; nothing in a directory of another user, as of one whose HOME
    /// sudo keeps.
    private func make() {
        var status = stat()
        var isOurs = true
        unsafe path.withPath { path in
            let slash = CChar(bitPattern: UInt8(ascii: "/"))
            var position = 1
            while unsafe path[position - 1] != 0 {
                let end = unsafe path[position]
                if end == slash || end == 0 {
                    unsafe path[position] = 0
                    if unsafe stat(path, &status) == 0 {
                        isOurs = status.st_uid == geteuid() || status.st_uid == 0
                    } else if isOurs {
                        unsafe mkdir(path, 0o700)
                    }
                    unsafe path[position] = end
                }
                position += 1
            }
        }
    }
}

/// Writes in one call; true when all of it was taken.
func writeOnce(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
    while true {
        let count = unsafe write(descriptor, bytes.baseAddress, bytes.count)
        if count < 0, errno == EINTR { continue }
        return count == bytes.count
    }
}
