import Platform
import ProgramSupport
import Synchronization

/// A line on the terminal that says that something slow goes on.
///
/// A question or a message takes it away first: neither is to stand behind half a line.
enum ProgressLine {
    /// Whether a line stands there now.
    private static let isShown = Mutex(false)

    static func show(_ text: String) {
        guard Console.isInteractive else { return }
        if canErase {
            isShown.withLock { $0 = true }
            write("\r\u{1B}[K" + "sealring: \(text.printable) ...")
        } else {
            write("sealring: \(text.printable) ...\n")
        }
    }

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
