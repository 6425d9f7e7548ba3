import CPlatform
import DurableFiles
import ProgramSupport
import SecureMemory

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A program of the user's that prints the passphrase, for example `secret-tool lookup sealring vault`.
enum PassphraseCommand {
    /// The one line that `command` prints.
    static func run(_ command: String, limit: Int, isSilent: Bool, what: String) throws -> SecretBytes {
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
        let child: pid_t
        do {
            defer { close(ends[1]) }
            child = try spawn(command, output: ends[1], isSilent: isSilent)
        }
        do {
            let text = try output.readAll(limit: limit, seconds: seconds)
            let status = try wait(child, seconds: seconds)
            guard status == 0 else {
                throw Failure(
                    .notPermitted, "the \(what) command failed (status \(status))",
                    hint: "run it by hand to see why")
            }
            return text
        } catch let error as FileError {
            kill(child, SIGKILL)
            _ = try? wait(child, seconds: 1)
            if case .busy = error {
                throw Failure(.busy, "the \(what) command took too long")
            }
            throw error
        }
    }

    private static func spawn(_ command: String, output: Int32, isSilent: Bool) throws -> pid_t {
        // Whoever starts us may ignore it, and then it could not be told how the command ended.
        signal(SIGCHLD, SIG_DFL)
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        if isSilent { unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) }
        // We ignore SIGPIPE, and the command's own pipelines rely on it.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var defaults = sigset_t()
        unsafe sigemptyset(&defaults)
        unsafe sigaddset(&defaults, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
        var child: pid_t = 0
        let result = unsafe ChildEnvironment.withPointers { environment in
            unsafe CStrings.withPointers(["/bin/sh", "-c", command]) { arguments in
                unsafe posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else {
            throw Failure(
                .inputOutput, "the passphrase command could not be started: \(describe(errno: result))")
        }
        return child
    }

    /// The exit status of the child, or 128 and the signal that ended it.
    private static func wait(_ child: pid_t, seconds: Double) throws(FileError) -> Int32 {
        var status: Int32 = 0
        var left = Int(seconds * 100)
        // A command may close its stdout and go on.
        while true {
            let ended = unsafe waitpid(child, &status, WNOHANG)
            if ended == child { break }
            if ended < 0, errno != EINTR { return 127 }
            guard left > 0 else { throw .busy(path: "the passphrase command") }
            left -= 1
            usleep(10_000)
        }
        return status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
    }
}

/// The environment that other programs get: this one's, without the settings of Sealring.
enum ChildEnvironment {
    static func withPointers<Result>(
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var kept: [UnsafeMutablePointer<CChar>?] = unsafe []
        var next = unsafe environ
        while let variable = unsafe next.pointee {
            if unsafe strncmp(variable, "SEALRING_", 9) != 0 { unsafe kept.append(variable) }
            unsafe next += 1
        }
        unsafe kept.append(nil)
        return unsafe kept.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("at least the end is there") }
            return unsafe body(start)
        }
    }
}

/// Arguments of a program, as C takes them.
enum CStrings {
    static func withPointers<Result>(
        _ strings: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
    ) -> Result {
        var pointers: [UnsafeMutablePointer<CChar>?] = unsafe strings.map { unsafe strdup($0) }
        defer { unsafe pointers.forEach { unsafe free($0) } }
        unsafe pointers.append(nil)
        return unsafe pointers.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { preconditionFailure("at least the end is there") }
            return unsafe body(start)
        }
    }
}
