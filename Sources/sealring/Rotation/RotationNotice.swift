import CredentialVault
import ProgramSupport

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What is said when a person stops a rotation: which key is served, and how to go on or back.
///
/// The handler of a signal may not make text: it writes what was made at the last step.
enum RotationNotice {
    /// Has the notice written when the process is stopped; signals that were ignored stay so.
    static func handleSignals() {
        for number in [SIGINT, SIGTERM] {
            var before = sigaction()
            guard unsafe sigaction(number, nil, &before) == 0, !isIgnored(before) else { continue }
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

    /// Remembers where a rotation stands.
    static func set(_ entry: Entry) {
        let line = Console.isInteractive ? "\r\u{1B}[K" : ""
        let text = "\(line)sealring: error: interrupted: \(standing(entry))\n"
        // A handler may still read the one of before, which is small, and there are few.
        unsafe notice = text.withCString { unsafe strdup($0) }
    }

    /// Which key is served, and with which commands the rotation goes on.
    static func standing(_ entry: Entry) -> String {
        let name = entry.name.printable
        guard let rotation = entry.rotation, rotation.phase != .later else {
            return "\(name) serves \(entry.accessKeyID), and no rotation of it is under way"
        }
        return
            "\(name) serves \(entry.accessKeyID), and its rotation is \(rotation.phase.text): go on with 'sealring rotate \(name) --resume', or back with 'sealring rotate \(name) --rollback'"
    }

    private static func isIgnored(_ action: sigaction) -> Bool {
        #if canImport(Glibc)
            let handler = unsafe action.__sigaction_handler.sa_handler
        #else
            let handler = unsafe action.__sigaction_u.__sa_handler
        #endif
        return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}

/// Set once for each step: a single store, so that a handler finds the one of before or this one.
nonisolated(unsafe) private var notice: UnsafeMutablePointer<CChar>?
