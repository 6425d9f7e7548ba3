import AWSValues
import Platform
import SecureMemory

/// The last refusals, for those whose AWS client hides what a helper says: a file of the state directory that
/// `sealring status` shows.
///
/// A line is `TIME ⇥ COUNT ⇥ NAME ⇥ MESSAGE ⇥ CURE ⇥ KIND`; the same refusal again replaces its line. Lines of
/// earlier versions have no kind. All of it is printable, and none of it secret. A failure to write is not reported:
/// the line on stderr was the message.
package enum RefusalLog {
    /// What a line is about.
    package enum Kind: Sendable {
        case other
        /// The vault was locked.
        case locked
        /// No refusal: the vault was unlocked, which cures the refusals of its lock before.
        case unlock

        package var word: StaticString {
            switch self {
            case .other: "other"
            case .locked: "locked"
            case .unlock: "unlock"
            }
        }
    }

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
        _ name: RawSpan, message: RawSpan, cure: RawSpan, kind: Kind, in directory: Int32, now: Int64
    ) {
        // Neither a link is followed nor a pipe waited for.
        let flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
        let file = unsafe platform_openat(directory, "refusals", flags, 0o600)
        guard file >= 0 else { return }
        defer { close(file) }
        guard isOwnFile(file), lock(file) else { return }
        var what = MessageText(limit: nameLimit + 2 * partLimit + 12)
        append(name, limit: nameLimit, to: &what)
        what.append("\t")
        append(message, limit: partLimit, to: &what)
        what.append("\t")
        append(cure, limit: partLimit, to: &what)
        what.append("\t")
        what.append(kind.word)
        what.append("\n")
        unsafe withUnsafeTemporaryAllocation(byteCount: sizeLimit, alignment: 16) { room in
            let count = unsafe max(pread(file, room.baseAddress, room.count, 0), 0)
            let before = unsafe UnsafeRawBufferPointer(rebasing: room[..<count]).bytes
            let text = replaced(before, what, now: now)
            guard unsafe text.withPath({ unsafe pwrite(file, $0, text.count, 0) }) == text.count else {
                return
            }
            _ = ftruncate(file, off_t(text.count))
        }
    }

    /// The content of the file with one more refusal at its end.
    private static func replaced(
        _ before: RawSpan, _ what: borrowing MessageText, now: Int64
    ) -> MessageText {
        var times: Int64 = 1
        var kept = 0
        forEachLine(before) { line in
            if line.isSame(what) {
                times = min(line.count, 999_999) + 1
            } else {
                kept += 1
            }
        }
        var text = MessageText(limit: sizeLimit)
        forEachLine(before) { line in
            guard !line.isSame(what) else { return }
            if kept < limit { text.append(line.bytes) }
            kept -= 1
        }
        for byte in Timestamp.format(now) { text.append(byte: byte) }
        text.append("\t")
        text.append(decimal: times)
        text.append("\t")
        text.append(what.bytes)
        return text
    }

    private static func append(
        _ part: RawSpan, limit: Int, to text: inout MessageText
    ) {
        var printable = MessageText(limit: limit)
        printable.appendPrintable(part)
        text.append(printable.bytes)
    }

    private static func isOwnFile(_ file: Int32) -> Bool {
        guard let facts = FileFacts(descriptor: file) else { return false }
        return facts.isRegular && facts.isOurs && !facts.isWritableByOthers
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
    private struct Line: ~Escapable {
        let bytes: RawSpan
        let count: Int64
        /// Where the name begins.
        let what: Int

        @_lifetime(copy bytes)
        init?(_ bytes: RawSpan) {
            var tabs = 0
            var count: Int64 = 0
            var what = 0
            for position in 0..<bytes.byteCount {
                let byte = bytes.byte(at: position)
                if byte == UInt8(ascii: "\t") {
                    tabs += 1
                    if tabs == 2 { what = position + 1 }
                } else if tabs == 1 {
                    guard byte.isDigit, count < 1_000_000 else { return nil }
                    count = count * 10 + Int64(byte - 0x30)
                }
            }
            guard tabs == 4 || tabs == 5 else { return nil }
            self.bytes = bytes
            self.count = count
            self.what = what
        }

        func isSame(_ text: borrowing MessageText) -> Bool {
            bytes.extracting(droppingFirst: what).isSame(as: text.bytes)
        }
    }

    private static func forEachLine(_ text: RawSpan, _ body: (borrowing Line) -> Void) {
        var start = 0
        for position in 0..<text.byteCount where text.byte(at: position) == UInt8(ascii: "\n") {
            if let line = Line(text.extracting(start...position)) { body(line) }
            start = position + 1
        }
    }
}
