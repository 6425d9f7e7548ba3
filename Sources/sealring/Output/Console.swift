import DurableFiles
import Platform
import ProgramSupport
import SecureMemory
import Synchronization

/// stdout is for the answer, stderr for people.
enum Console {
    /// Writes a line of the answer.
    static func print(_ text: String) throws { try write(text + "\n") }

    /// Writes the answer as it is.
    static func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        try unsafe bytes.withUnsafeBytes { try unsafe standardOutput($0) }
    }

    /// Says that a save is not remembered, when something kept this machine from it.
    static func warn(unremembered error: FileError?) {
        guard let error else { return }
        warn(
            "the vault is saved, but this machine may not notice an older copy of it: \(Failure(error).message)"
        )
    }

    static func warn(_ text: String) { error("sealring: warning: \(text)") }
    static func note(_ text: String) { error("sealring: \(text)") }
    static func hint(_ text: String) { error("sealring: hint: \(text)") }

    /// Writes a line to stderr; where that is closed nobody is left to tell.
    static func error(_ text: String) {
        Progress.clear()
        let bytes = Array((text + "\n").utf8)
        unsafe bytes.withUnsafeBytes { bytes in
            _ = unsafe Platform.write(2, bytes.baseAddress, bytes.count)
        }
    }

    /// Whether people read stderr.
    static var isInteractive: Bool { isatty(2) == 1 }

    private static func standardOutput(_ bytes: UnsafeRawBufferPointer) throws {
        var written = 0
        while written < bytes.count {
            let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[written...])
            let got = unsafe Platform.write(1, rest.baseAddress, rest.count)
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { throw OutputClosed(code: errno) }
            written += got
        }
    }

    /// Releases a secret answer in one `write`.
    static func release(_ secret: borrowing SecretBuffer) throws {
        let written = unsafe secret.withUnsafeBytes { bytes in
            unsafe Platform.write(1, bytes.baseAddress, bytes.count)
        }
        guard written == secret.count else { throw OutputClosed(code: written < 0 ? errno : EIO) }
    }
}

/// A line on the terminal that says that something slow goes on, until the value ends.
///
/// A question or a message takes it away first: neither is to stand behind half a line.
struct Progress: ~Copyable {
    /// Whether a line stands there now.
    private static let isShown = Mutex(false)

    init(_ text: String) {
        guard Console.isInteractive else { return }
        if Self.canErase {
            Self.isShown.withLock { $0 = true }
            Self.write("\r\u{1B}[K" + "sealring: \(text.printable) ...")
        } else {
            Self.write("sealring: \(text.printable) ...\n")
        }
    }

    deinit { Self.clear() }

    /// Takes the line away.
    consuming func end() {}

    /// Takes away the line that stands there, if there is one.
    static func clear() {
        let wasShown = isShown.withLock { isShown in
            defer { isShown = false }
            return isShown
        }
        if wasShown { write("\r\u{1B}[K") }
    }

    /// Whether the terminal knows how to erase a line: one that says that it is dumb gets whole lines.
    private static var canErase: Bool { Environment.value("TERM").map { $0 != "dumb" } ?? false }

    private static func write(_ text: String) {
        let bytes = Array(text.utf8)
        unsafe bytes.withUnsafeBytes { bytes in
            _ = unsafe Platform.write(2, bytes.baseAddress, bytes.count)
        }
    }
}

/// stdout does not take the answer.
struct OutputClosed: Error {
    let code: Int32
}
