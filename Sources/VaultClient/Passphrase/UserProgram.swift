import Platform
import ProgramSupport
import SecureMemory

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
    ) throws -> Child {
        // Our parent may ignore it, and then we could not find out how the program ended.
        signal(SIGCHLD, SIG_DFL)
        // They do not get our settings.
        var environment = CWords()
        let own: StaticString = "SEALRING_"
        environment.appendEnvironment { !$0.hasPrefix(own.rawSpan) }
        do throws(ChildProcess.StartError) {
            return try ChildProcess.start(
                CWords([program] + arguments), environment: environment,
                streams: ChildProcess.Streams(
                    input: input.map { .descriptor($0) } ?? .null, output: .descriptor(output),
                    errors: messages == .hidden ? .null : .inherited))
        } catch { throw Failure(cannotStart: program, code: error.code) }
    }
}
