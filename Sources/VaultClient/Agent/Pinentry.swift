import AWSValues
import AgentProtocol
import DurableFiles
import Platform
import ProgramSupport
package import SecureMemory

/// Asks through a pinentry program, in the Assuan protocol.
///
/// Source: <https://www.gnupg.org/documentation/manuals/assuan/>, and pinentry's own manual.
package enum Pinentry {
    /// Never found through `PATH`, which a hostile repository may set.
    private static let programs = [
        "/usr/bin/pinentry", "/usr/local/bin/pinentry", "/opt/homebrew/bin/pinentry",
    ]

    /// What is asked for.
    package struct Question {
        var description = "An AWS client asks for a key of the vault."
        package var prompt = "Passphrase:"
    }

    package static func ask(
        _ question: Question = Question(), limit: Int, until deadline: Double
    ) throws -> SecretBytes {
        let named = Environment.value("SEALRING_PINENTRY").map { [$0] }
        let found = (named ?? programs).first { path in
            path.hasPrefix("/") ? unsafe access(path, X_OK) == 0 : false
        }
        guard let program = found
        else {
            throw Failure(
                .missing, "no pinentry program", hint: "install pinentry, or name it in SEALRING_PINENTRY")
        }
        var conversation = try Conversation(program, until: deadline)
        try conversation.expectOK()
        for line in options(until: deadline) { try conversation.send(line, mustSucceed: false) }
        for line in [
            "SETTITLE Sealring", "SETDESC \(escaped(question.description))",
            "SETPROMPT \(escaped(question.prompt))",
        ] {
            try conversation.send(line, mustSucceed: true)
        }
        return try conversation.getPIN(limit: limit)
    }

    private static func options(until deadline: Double) -> [String] {
        var lines = ["SETTIMEOUT \(max(Int(deadline - MonotonicClock.seconds()), 1))"]
        let named = [
            ("ttytype", "TERM"), ("display", "DISPLAY"), ("xauthority", "XAUTHORITY"),
            ("lc-ctype", "LC_CTYPE"),
            ("ttyname", "GPG_TTY"),
        ]
        for (option, variable) in named {
            if let value = Environment.value(variable) { lines.append("OPTION \(option)=\(escaped(value))") }
        }
        return lines
    }

    /// Assuan's own escapes, so that no value can begin another command.
    private static func escaped(_ text: String) -> String {
        var result = ""
        for byte in text.utf8.prefix(400) {
            if byte.isVisible, byte != UInt8(ascii: "%") {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += "%" + Hex.text(byte)
            }
        }
        return result
    }
}

extension Pinentry {
    /// Lines to and from the program. What it answers may hold the passphrase, and stays in secret memory.
    private struct Conversation: ~Copyable {
        private let child: Child
        private let input: FileHandle
        private let output: FileHandle
        private let deadline: Double
        private var line: SecretBuffer

        init(_ program: String, until deadline: Double) throws {
            var ends: [Int32] = [0, 0, 0, 0]
            try unsafe ends.withUnsafeMutableBufferPointer { ends in
                guard let start = ends.baseAddress, unsafe pipe(start) == 0, unsafe pipe(start + 2) == 0
                else {
                    throw Failure(.inputOutput, "no pipe for \(program)")
                }
            }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            let output = FileHandle(adopting: ends[0], path: program)
            let input = FileHandle(adopting: ends[3], path: program)
            let line = try SecretBuffer(capacity: 4000, limit: 8000)
            defer {
                close(ends[1])
                close(ends[2])
            }
            child = try UserProgram.start(program, input: ends[2], output: ends[1], messages: .hidden)
            self.output = output
            self.input = input
            self.line = line
            self.deadline = deadline
        }

        deinit { child.stop(SIGKILL, milliseconds: Timeouts.endingChild) }

        mutating func expectOK() throws {
            guard try readLine(), hasPrefix("OK") else {
                throw Failure(.unavailable, "pinentry does not answer")
            }
        }

        mutating func send(_ text: String, mustSucceed: Bool) throws {
            let line = text + "\n"
            try input.write(line.utf8.span.rawSpan)
            while try readLine() {
                if hasPrefix("OK") { return }
                if hasPrefix("ERR") {
                    guard mustSucceed else { return }
                    throw Failure(.unavailable, "pinentry refused a question")
                }
            }
            throw Failure(.unavailable, "pinentry ended")
        }

        mutating func getPIN(limit: Int) throws -> SecretBytes {
            let request: StaticString = "GETPIN\n"
            try input.write(request.rawSpan)
            var answer = try SecretBuffer(capacity: limit, limit: limit)
            while try readLine() {
                if hasPrefix("D ") { try Self.decode(line, into: &answer) }
                if hasPrefix("ERR") { throw Failure(.notPermitted, "the question was declined") }
                if hasPrefix("OK") {
                    guard answer.count > 0 else { throw Failure(.malformed, "the passphrase is empty") }
                    return try answer.finish()
                }
            }
            throw Failure(.unavailable, "pinentry ended")
        }

        /// - Returns: false at the end.
        private mutating func readLine() throws -> Bool {
            line.truncate(to: 0)
            while true {
                let left = deadline - MonotonicClock.seconds()
                guard left > 0 else { throw Failure(.busy, "nobody answered in time") }
                var waiting = pollfd(fd: output.descriptor, events: Int16(POLLIN), revents: 0)
                guard unsafe poll(&waiting, 1, Int32(left * 1000)) > 0 else { continue }
                let descriptor = output.descriptor
                var last: UInt8 = 0
                let got = try unsafe line.fill(room: 1) { room in
                    let got = unsafe Platform.read(descriptor, room.baseAddress, room.count)
                    if got == 1 { unsafe last = room[0] }
                    return max(got, 0)
                }
                guard got == 1 else { return false }
                if last == UInt8(ascii: "\n") { return true }
            }
        }

        private func hasPrefix(_ prefix: StaticString) -> Bool {
            unsafe line.withUnsafeBytes { bytes in
                unsafe bytes.starts(
                    with: UnsafeBufferPointer(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount))
            }
        }

        /// Takes `%XX` back, behind `D ` and up to the end of the line.
        private static func decode(_ line: borrowing SecretBuffer, into answer: inout SecretBuffer) throws {
            let end = line.count - 1
            var position = 2
            while position < end {
                let step = unsafe line.withUnsafeBytes { bytes -> (UInt8, Int) in
                    guard unsafe bytes[position] == UInt8(ascii: "%"), position + 2 < end,
                        let high = unsafe Hex.value(of: bytes[position + 1]),
                        let low = unsafe Hex.value(of: bytes[position + 2])
                    else { return unsafe (bytes[position], 1) }
                    return (high << 4 | low, 3)
                }
                let isAppended = try unsafe withUnsafeBytes(of: step.0) { try unsafe answer.append($0) }
                guard isAppended else {
                    throw Failure(.malformed, "the passphrase has more than \(answer.limit) bytes")
                }
                position += step.1
            }
        }
    }
}
