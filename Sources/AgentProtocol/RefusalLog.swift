import AWSValues
import Platform

/// The last refusals, for those whose AWS client hides what a helper says: a file of the state directory that
/// `sealring status` shows.
///
/// A line is `TIME ⇥ COUNT ⇥ NAME ⇥ MESSAGE ⇥ CURE`; the same refusal again replaces its line. All of it is
/// printable, and none of it secret. A failure to write is not
/// reported: the line on stderr was the message.
package enum RefusalLog {
    /// The most refusals that are kept.
    package static var limit: Int { 8 }
    /// The most bytes that are read.
    package static var sizeLimit: Int { 16 << 10 }
    /// The most bytes of a name, and of a message or a cure.
    private static var nameLimit: Int { 128 }
    private static var partLimit: Int { 480 }

    /// Keeps a refusal.
    ///
    /// - Parameters:
    ///   - directory: where; see ``StateDirectory/open()``.
    ///   - now: Unix seconds.
    package static func add(
        _ name: UnsafeRawBufferPointer, _ message: UnsafeRawBufferPointer, _ cure: UnsafeRawBufferPointer,
        in directory: Int32, now: Int64
    ) {
        // Neither a link is followed nor a pipe waited for.
        let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let file = unsafe platform_openat(directory, "refusals", flags, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        guard isOwnFile(file), lock(file) else { return }
        var what = MessageText(limit: nameLimit + 2 * partLimit + 3)
        unsafe append(name, limit: nameLimit, to: &what)
        what.append("\t")
        unsafe append(message, limit: partLimit, to: &what)
        what.append("\t")
        unsafe append(cure, limit: partLimit, to: &what)
        what.append("\n")
        unsafe withUnsafeTemporaryAllocation(byteCount: sizeLimit, alignment: 16) { room in
            let count = unsafe max(pread(file, room.baseAddress, room.count, 0), 0)
            let before = unsafe UnsafeRawBufferPointer(rebasing: room[..<count])
            let text = unsafe replaced(before, what, now: now)
            unsafe text.withBytes { bytes in
                guard unsafe pwrite(file, bytes.baseAddress, bytes.count, 0) == bytes.count else { return }
                _ = ftruncate(file, off_t(bytes.count))
            }
        }
    }

    /// The content of the file with one more refusal at its end.
    private static func replaced(
        _ before: UnsafeRawBufferPointer, _ what: borrowing MessageText, now: Int64
    ) -> MessageText {
        var times: Int64 = 1
        var kept = 0
        unsafe forEachLine(before) { line in
            if unsafe line.isSame(what) {
                times = min(unsafe line.count, 999_999) + 1
            } else {
                kept += 1
            }
        }
        var text = MessageText(limit: sizeLimit)
        unsafe forEachLine(before) { line in
            guard unsafe !line.isSame(what) else { return }
            if kept < limit { unsafe text.append(line.bytes) }
            kept -= 1
        }
        for byte in Timestamp.format(now) { text.append(byte: byte) }
        text.append("\t")
        text.append(decimal: times)
        text.append("\t")
        unsafe what.withBytes { unsafe text.append($0) }
        return text
    }

    private static func append(
        _ part: UnsafeRawBufferPointer, limit: Int, to text: inout MessageText
    ) {
        var printable = MessageText(limit: limit)
        unsafe printable.appendPrintable(part)
        unsafe printable.withBytes { unsafe text.append($0) }
    }

    private static func isOwnFile(_ file: Int32) -> Bool {
        var status = stat()
        return unsafe fstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
            && status.st_uid == geteuid() && status.st_mode & 0o022 == 0
    }

    /// Twenty helpers may be refused at the same time; each has written its line within moments.
    private static func lock(_ file: Int32) -> Bool {
        for _ in 0..<100 {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return true }
            usleep(1000)
        }
        return false
    }

    /// A line that is as this program writes them, its end included.
    @unsafe
    private struct Line {
        let bytes: UnsafeRawBufferPointer
        let count: Int64
        /// Where the name begins.
        let what: Int

        init?(_ bytes: UnsafeRawBufferPointer) {
            var tabs = 0
            var count: Int64 = 0
            var what = 0
            for position in 0..<bytes.count {
                let byte = unsafe bytes[position]
                if byte == UInt8(ascii: "\t") {
                    tabs += 1
                    if tabs == 2 { what = position + 1 }
                } else if tabs == 1 {
                    guard byte.isDigit, count < 1_000_000 else { return nil }
                    count = count * 10 + Int64(byte - 0x30)
                }
            }
            guard tabs == 4 else { return nil }
            unsafe self.bytes = bytes
            unsafe self.count = count
            unsafe self.what = what
        }

        func isSame(_ text: borrowing MessageText) -> Bool {
            unsafe text.withBytes { text in
                guard unsafe text.count == bytes.count - what else { return false }
                for position in 0..<text.count
                where unsafe text[position] != bytes[what + position] { return false }
                return true
            }
        }
    }

    private static func forEachLine(_ text: UnsafeRawBufferPointer, _ body: (Line) -> Void) {
        var start = 0
        for position in 0..<text.count where unsafe text[position] == UInt8(ascii: "\n") {
            let line = unsafe UnsafeRawBufferPointer(rebasing: text[start...position])
            if let line = unsafe Line(line) { unsafe body(line) }
            start = position + 1
        }
    }
}
