import CredentialVault
import Platform
import ProgramSupport

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
        let ways = ways(entry).map { "sealring: hint: \($0)\n" }
        let text = "\(line)sealring: error: interrupted: \(served(entry))\n\(ways.joined())"
        // A handler may still read the one of before, which is small, and there are few.
        unsafe notice = text.withCString { unsafe strdup($0) }
    }

    /// Which key is served.
    static func served(_ entry: Entry) -> String { "\(entry.name.printable) serves \(entry.accessKeyID)" }

    /// With which commands the rotation goes on or back.
    static func ways(_ entry: Entry) -> [String] {
        let name = entry.name.printable
        guard let rotation = entry.rotation, rotation.phase != .later else {
            return ["no rotation of \(name) is under way"]
        }
        return [
            "go on with 'sealring rotate \(name) --resume'",
            "go back with 'sealring rotate \(name) --rollback'",
        ]
    }
}

/// Set once for each step: a single store, so that a handler finds the one of before or this one.
nonisolated(unsafe) private var notice: UnsafeMutablePointer<CChar>?
