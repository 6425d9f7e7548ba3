package import Platform
import SecureMemory

/// The programs of Sealring, which start each other from the one directory that has them all.
package enum SiblingProgram {
    /// Whether only root and this user may change the program.
    package static func isTrusted(_ path: borrowing MessageText) -> Bool {
        path.facts().map(isTrusted) ?? false
    }

    private static func isTrusted(_ facts: FileFacts) -> Bool {
        facts.isRegular && (facts.owner == 0 || facts.isOurs) && !facts.isWritableByOthers
    }

    /// Why a program of ours was not started.
    package enum StartError: Error, Equatable, Sendable {
        /// It is not in the directory.
        case missing
        /// Others than this user and root may change it.
        case untrusted
        /// The system did not start it; `code` is the `errno`.
        case system(code: Int32)
    }

    /// Starts the program of this name.
    ///
    /// - Parameters:
    ///   - directory: where it is; empty for the directory of the running program.
    ///   - isPassedOn: which variables of the environment it gets.
    ///   - addArguments: appends its arguments.
    package static func start(
        _ name: StaticString, from directory: RawSpan = RawSpan(), streams: ChildProcess.Streams,
        in environment: EnvironmentSource = .process, passing isPassedOn: (RawSpan) -> Bool,
        addArguments: (inout CWords) -> Void = { _ in }
    ) throws(StartError) -> Child {
        let program = try path(name, in: directory)
        var words = CWords()
        words.append(program.bytes)
        addArguments(&words)
        var variables = CWords()
        environment.append(to: &variables, where: isPassedOn)
        do throws(ChildProcess.StartError) {
            return try ChildProcess.start(words, environment: variables, streams: streams)
        } catch { throw error.code == ENOENT ? .missing : .system(code: error.code) }
    }

    /// A pipe for a program of ours.
    package static func pipe() throws(StartError) -> ChildProcess.Pipe {
        do throws(ChildProcess.StartError) {
            return try ChildProcess.Pipe()
        } catch { throw .system(code: error.code) }
    }

    private static func path(
        _ name: StaticString, in directory: RawSpan
    ) throws(StartError) -> MessageText {
        var path = MessageText(limit: Int(PATH_MAX))
        if directory.isEmpty {
            guard appendOwnDirectory(to: &path) else { throw .missing }
        } else {
            path.append(directory)
            path.append("/")
        }
        path.append(name)
        guard !path.isCut, let facts = path.facts() else { throw .missing }
        guard isTrusted(facts) else { throw .untrusted }
        return path
    }

    private static func appendOwnDirectory(to path: inout MessageText) -> Bool {
        unsafe withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 1) { own in
            guard let start = own.baseAddress else { return false }
            let count = unsafe max(readlink("/proc/self/exe", start, own.count), 0)
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: own[..<count]).bytes
            var end = count
            while end > 0, bytes.byte(at: end - 1) != UInt8(ascii: "/") { end -= 1 }
            path.append(bytes.extracting(first: end))
            return end > 0
        }
    }
}
