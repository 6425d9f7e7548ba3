import AgentProtocol
import DurableFiles
import Platform
import ProgramSupport
package import SecureMemory

/// A program of the user's that prints the passphrase, for example `secret-tool lookup sealring vault`.
package enum PassphraseCommand {
    /// The one line that `command` prints.
    package static func run(_ command: String, limit: Int, isSilent: Bool, what: String) throws -> SecretBytes
    {
        try output(command, limit: limit + 2, isSilent: isSilent, what: what)
            .droppingNewline(limit: limit, path: "the \(what) command")
    }

    /// A passphrase, which other lines may follow.
    static func passphraseText(_ command: String, limit: Int, isSilent: Bool) throws -> PassphraseText {
        let text = try output(
            command, limit: PassphraseText.textLimit, isSilent: isSilent, what: "passphrase")
        return try PassphraseText(text, limit: limit, source: "the passphrase command")
    }

    /// Runs `command` with `/bin/sh -c` and reads what it prints straight into secret memory.
    ///
    /// It may take a minute for a person to answer its own question; 20 s when nobody can be asked.
    private static func output(
        _ command: String, limit: Int, isSilent: Bool, what: String
    ) throws -> SecretBytes {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else {
            throw Failure(.inputOutput, "no pipe for the \(what) command")
        }
        let output = FileHandle(adopting: ends[0], path: "the \(what) command")
        // A process that the command leaves behind must not keep the writing end, or the end never comes.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let seconds = isSilent ? 20.0 : 60
        var child = try start(command, output: ends[1], isSilent: isSilent)
        do {
            let text = try output.readAll(limit: limit, seconds: seconds)
            let status = try Self.status(of: &child, milliseconds: Int32(seconds * 1000))
            guard status == 0 else {
                throw Failure(
                    .notPermitted, "the \(what) command failed (status \(status))",
                    hint: "run it by hand to see why")
            }
            return text
        } catch {
            child.stop(SIGKILL, milliseconds: Timeouts.endingChild)
            if case FileError.busy = error {
                throw Failure(.busy, "the \(what) command took too long")
            }
            throw error
        }
    }

    private static func start(_ command: String, output: Int32, isSilent: Bool) throws -> Child {
        defer { close(output) }
        return try UserProgram.start(
            "/bin/sh", ["-c", command], output: output, messages: isSilent ? .hidden : .shown)
    }

    /// The exit status of the child, or 128 and the signal that ended it.
    private static func status(of child: inout Child, milliseconds: Int32) throws(FileError) -> Int32 {
        // A command may close its stdout and go on.
        switch child.wait(milliseconds: milliseconds) {
        case .running: throw .busy(path: "the passphrase command")
        case .ended(let code): return code
        case .unknown: return 127
        }
    }
}
