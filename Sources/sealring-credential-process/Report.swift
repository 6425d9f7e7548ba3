import AgentProtocol
import Platform

extension Refusal {
    /// Tells in one line on stderr, keeps it for those whose AWS client hides it, and ends the process.
    consuming func report(entry: UnsafeRawBufferPointer) -> Never {
        var line = MessageText(limit: 990)
        line.append("sealring: ")
        append(to: &line)
        unsafe line.withBytes { _ = unsafe writeOnce(2, $0) }
        unsafe keep(entry)
        _exit(code)
    }

    private func append(to text: inout MessageText) {
        unsafe message.withBytes { unsafe text.append($0) }
        text.append(": ")
        unsafe cure.withBytes { unsafe text.append($0) }
        text.append("\n")
    }

    /// Keeps it for `sealring status`.
    private func keep(_ entry: UnsafeRawBufferPointer) {
        guard let state = StateDirectory() else { return }
        let directory = state.open()
        guard directory >= 0 else { return }
        unsafe message.withBytes { message in
            unsafe cure.withBytes { cure in
                unsafe RefusalLog.add(entry, message, cure, in: directory, now: UnixTime.now())
            }
        }
    }
}

/// Writes in one call; true when all of it was taken.
func writeOnce(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Bool {
    while true {
        let count = unsafe write(descriptor, bytes.baseAddress, bytes.count)
        if count < 0, errno == EINTR { continue }
        // A part of it is as good as nothing; only a full disk takes a part.
        if count >= 0, count < bytes.count { errno = ENOSPC }
        return count == bytes.count
    }
}
