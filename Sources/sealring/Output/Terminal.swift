import DurableFiles
import Platform
import ProgramSupport
import SecureMemory

/// The terminal of the person, for questions: `/dev/tty`, whatever the standard streams are.
struct Terminal: ~Copyable {
    private let handle: FileHandle

    /// Nil where there is no terminal to ask on.
    init?() {
        guard let handle = try? FileHandle.open("/dev/tty", flags: O_RDWR | O_NOCTTY) else { return nil }
        self.handle = handle
    }

    func show(_ text: String) throws {
        try handle.write(text.utf8.span.rawSpan)
    }

    func show(_ secret: borrowing SecretBytes) throws {
        try handle.write(secret.bytes)
    }

    /// Asks a question that is answered with yes or no, until it is; an empty answer means no.
    func confirm(_ question: String) throws -> Bool {
        while true {
            switch Answer(try askText(question + " [y/N] ", limit: 256)) {
            case .yes: return true
            case .no: return false
            case .neither: try show("answer y (yes) or n (no)\n")
            }
        }
    }

    /// What was said to such a question.
    private enum Answer {
        case yes, no, neither

        init(_ text: String) {
            switch text.lowercased() {
            case "y", "yes": self = .yes
            case "", "n", "no": self = .no
            default: self = .neither
            }
        }
    }

    /// Asks for a line without showing what is typed.
    ///
    /// - Parameter deadline: when to give up, by ``Clock``; nil waits as long as it takes.
    func askSecret(_ prompt: String, limit: Int, until deadline: Double? = nil) throws -> SecretBytes {
        try readLine(prompt: prompt, limit: limit, echo: false, until: deadline)
    }

    /// Asks for a line that is no secret.
    func askText(_ prompt: String, limit: Int) throws -> String {
        let line = try readLine(prompt: prompt, limit: limit, echo: true)
        return unsafe line.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) }
    }

    private func readLine(
        prompt: String, limit: Int, echo: Bool, until deadline: Double? = nil
    ) throws -> SecretBytes {
        // The signals wait while the terminal is changed, so that it is always put back before one acts.
        let signals = HeldSignals()
        defer { signals.release() }
        var settings = termios()
        guard unsafe tcgetattr(handle.descriptor, &settings) == 0 else { throw terminalGone() }
        var quiet = settings
        if !echo { quiet.c_lflag &= ~tcflag_t(ECHO | ECHOE | ECHOK | ECHONL) }
        var buffer = try SecretBuffer(capacity: limit + 1, limit: limit + 1)
        while true {
            guard unsafe tcsetattr(handle.descriptor, TCSAFLUSH, &quiet) == 0 else { throw terminalGone() }
            buffer.truncate(to: 0)
            let end = ask(prompt, into: &buffer, signals, isShown: echo, until: deadline)
            unsafe tcsetattr(handle.descriptor, TCSANOW, &settings)
            switch end {
            case .line: return try buffer.finish()
            case .tooLong: throw Failure(.malformed, "the answer has more than \(limit) bytes")
            case .late: throw Failure(.busy, "nobody answered in time")
            case .closed: throw Failure(.usage, "no answer was given")
            // Most signals end the process here; after a stop and a continuation the question comes again.
            case .signal: signals.deliver()
            }
        }
    }

    private func ask(
        _ prompt: String, into buffer: inout SecretBuffer, _ signals: HeldSignals, isShown: Bool,
        until deadline: Double?
    ) -> End {
        do {
            ProgressLine.clear()
            try show(prompt)
            let end = try read(into: &buffer, signals, until: deadline)
            if !isShown || end != .line { try show("\n") }
            return end
        } catch {
            return .closed
        }
    }

    private enum End { case line, tooLong, closed, late, signal }

    private func read(
        into buffer: inout SecretBuffer, _ signals: HeldSignals, until deadline: Double?
    ) throws -> End {
        let descriptor = handle.descriptor
        while true {
            if signals.isPending { return .signal }
            if let deadline, MonotonicClock.seconds() >= deadline { return .late }
            var waiting = pollfd(fd: handle.descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&waiting, 1, 50) > 0 else { continue }
            var last: UInt8 = 0
            let got = try unsafe buffer.fill(room: 1) { (room) throws(FileError) in
                let got = unsafe Platform.read(descriptor, room.baseAddress, room.count)
                guard got > 0 else { return 0 }
                unsafe last = room[0]
                return got
            }
            guard got == 1 else {
                if buffer.count == buffer.limit { return .tooLong }
                return .closed
            }
            if last == UInt8(ascii: "\n") {
                buffer.truncate(to: buffer.count - 1)
                return .line
            }
        }
    }

    private func terminalGone() -> Failure { Failure(.inputOutput, "the terminal does not answer") }
}

/// The signals that would end or stop the process, kept waiting while a question is open.
private struct HeldSignals {
    private var held = sigset_t()
    private var before = sigset_t()

    init() {
        unsafe sigemptyset(&held)
        for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP] { unsafe sigaddset(&held, signal) }
        unsafe sigprocmask(SIG_BLOCK, &held, &before)
    }

    var isPending: Bool {
        var pending = sigset_t()
        unsafe sigpending(&pending)
        return [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP].contains { unsafe sigismember(&pending, $0) == 1 }
    }

    /// Lets what waits act.
    func deliver() {
        var held = held
        var before = before
        unsafe sigprocmask(SIG_SETMASK, &before, nil)
        unsafe sigprocmask(SIG_BLOCK, &held, nil)
    }

    func release() {
        var before = before
        unsafe sigprocmask(SIG_SETMASK, &before, nil)
    }
}
