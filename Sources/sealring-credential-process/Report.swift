import AgentProtocol
import Platform

extension Refusal {
    /// Tells in one line on stderr, keeps it for those whose AWS client hides it, and ends the process.
    ///
    /// - Parameter isKept: false for wrong arguments, which the person who types them sees.
    consuming func report(entry: RawSpan, isKept: Bool = true) -> Never {
        var line = MessageText(limit: 990)
        line.append("sealring: ")
        append(to: &line)
        _ = writeOnce(2, line.bytes)
        if isKept { keep(entry) }
        _exit(code)
    }

    private func append(to text: inout MessageText) {
        text.append(message.bytes)
        if cure.count > 0 {
            text.append(": ")
            text.append(cure.bytes)
        }
        text.append("\n")
    }

    /// Keeps it for `sealring status`.
    private func keep(_ entry: RawSpan) {
        guard let state = StateDirectory() else { return }
        let directory = state.open()
        guard directory >= 0 else { return }
        RefusalLog.add(
            entry, message: message.bytes, cure: cure.bytes, kind: isLocked ? .locked : .other, in: directory,
            now: UnixTime.now())
    }
}

/// Writes in one call; true when all of it was taken.
func writeOnce(_ descriptor: Int32, _ bytes: RawSpan) -> Bool {
    while true {
        let count = SystemCall.write(descriptor, bytes)
        if count < 0, errno == EINTR { continue }
        // A part of it is as good as nothing; only a full disk takes a part.
        if count >= 0, count < bytes.byteCount { errno = ENOSPC }
        return count == bytes.byteCount
    }
}
