import Platform

/// What is said when a person stops the program.
///
/// The handler of a signal may not make text: it writes what was made at the last step.
enum Interruption {
    /// Has the notice written when the process is stopped; signals that were ignored stay so.
    static func handleSignals() {
        for number in [SIGINT, SIGTERM] {
            var before = sigaction()
            guard unsafe sigaction(number, nil, &before) == 0, unsafe platform_is_ignored(&before) == 0 else {
                continue
            }
            signal(number) { number in
                if let notice = unsafe notice {
                    _ = unsafe write(2, notice, strlen(notice))
                }
                // Whoever started this program learns what ended it.
                signal(number, SIG_DFL)
                raise(number)
            }
        }
    }

    /// Remembers what is to be said from now on.
    static func set(_ message: String, hints: [String]) {
        let line = Console.isInteractive ? "\r\u{1B}[K" : ""
        let hints = hints.map { "sealring: hint: \($0)\n" }
        let text = "\(line)sealring: error: \(message)\n\(hints.joined())"
        // A handler may still read the one of before, which is small, and there are few.
        unsafe notice = text.withCString { unsafe strdup($0) }
    }
}

/// Set once for each step: a single store, so that a handler finds the one of before or this one.
nonisolated(unsafe) private var notice: UnsafeMutablePointer<CChar>?
