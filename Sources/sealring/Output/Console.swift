import Platform
import SecureMemory
import VaultClient

/// stdout is for the answer, stderr for people.
enum Console {
    /// Writes a line of the answer.
    static func print(_ text: String) throws(OutputClosed) { try write(text + "\n") }

    /// Writes the answer as it is.
    static func write(_ text: String) throws(OutputClosed) {
        try unsafe text.utf8.span.bytes.withUnsafeBytes { (bytes) throws(OutputClosed) in
            try unsafe standardOutput(bytes)
        }
    }

    static func warn(_ text: String) { error("sealring: warning: \(text)") }
    static func note(_ text: String) { error("sealring: \(text)") }
    static func hint(_ text: String) { error("sealring: hint: \(text)") }

    /// Writes a line to stderr; where that is closed nobody is left to tell.
    static func error(_ text: String) {
        ProgressLine.clear()
        let bytes = Array((text + "\n").utf8)
        unsafe bytes.withUnsafeBytes { bytes in
            _ = unsafe Platform.write(2, bytes.baseAddress, bytes.count)
        }
    }

    /// Whether people read stderr.
    static var isInteractive: Bool { isatty(2) == 1 }

    private static func standardOutput(_ bytes: UnsafeRawBufferPointer) throws(OutputClosed) {
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
