import Platform
import ProgramSupport

/// Starts programs of the user's: commands that print a passphrase or a code, and pinentry.
///
/// They get the descriptors that they are given, and none else: one of ours may be the passphrase file, opened
/// by the program that started us (`/dev/fd/3`). Nor do they get our settings.
package enum UserProgram {
    /// What becomes of the program's messages.
    package enum Messages { case shown, hidden }

    /// - Parameters:
    ///   - input: what the program reads; nil for nothing.
    ///   - output: where it writes.
    static func start(
        _ program: String, _ arguments: [String] = [], input: Int32? = nil, output: Int32, messages: Messages
    ) throws -> pid_t {
        // Our parent may ignore it, and then we could not find out how the program ended.
        signal(SIGCHLD, SIG_DFL)
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        if let input {
            unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        if messages == .hidden {
            unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        }
        guard unsafe platform_close_other_files(&actions) == 0 else {
            throw Failure(cannotStart: program, code: ENOMEM)
        }
        // We ignore SIGPIPE, and the pipelines of a command rely on it.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe platform_default_signals(&attributes)
        var child: pid_t = 0
        let result = unsafe ChildEnvironment.withPointers { environment in
            unsafe CStrings.withPointers([program] + arguments) { arguments in
                unsafe posix_spawn(&child, program, &actions, &attributes, arguments, environment)
            }
        }
        guard result == 0 else { throw Failure(cannotStart: program, code: result) }
        return child
    }
}

/// The environment that other programs get: this one's, without the settings of Sealring.
package enum ChildEnvironment {
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
package enum CStrings {
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
