/// Programs that this one starts.
///
/// They get no descriptors but their standard streams, and every signal as the system has it: we ignore SIGPIPE, and
/// the pipelines of a command rely on it. No strings and no existentials: the helper starts programs too.
package enum ChildProcess {
    /// What a standard stream of a program is.
    package enum Stream: Sendable {
        /// This process's own.
        case inherited
        /// `/dev/null`.
        case null
        case descriptor(Int32)
    }

    package struct Streams: Sendable {
        package var input: Stream
        package var output: Stream
        package var errors: Stream

        package init(input: Stream, output: Stream, errors: Stream) {
            self.input = input
            self.output = output
            self.errors = errors
        }
    }

    /// The system did not start the program; `code` is the `errno`.
    package struct StartError: Error, Sendable {
        package let code: Int32
    }

    /// A pipe, whose ends no program inherits but those that are given it.
    package struct Pipe: ~Copyable {
        /// Negative once the caller has it.
        package private(set) var reading: Int32 = -1
        /// Negative once the caller has it.
        package private(set) var writing: Int32 = -1

        package init() throws(StartError) {
            guard unsafe platform_pipe(&reading, &writing) == 0 else { throw StartError(code: errno) }
        }

        deinit {
            if reading >= 0 { close(reading) }
            if writing >= 0 { close(writing) }
        }

        /// The reading end alone, which the caller closes.
        package consuming func takeReading() -> Int32 {
            defer { reading = -1 }
            return reading
        }

        /// The writing end alone, which the caller closes.
        package consuming func takeWriting() -> Int32 {
            defer { writing = -1 }
            return writing
        }
    }

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - words: its path, then its arguments.
    ///   - environment: its variables.
    ///   - isDetached: whether it gets a session of its own, in the root directory.
    package static func start(
        _ words: borrowing CWords, environment: borrowing CWords, streams: Streams, isDetached: Bool = false
    ) throws(StartError) -> Child {
        var actions = unsafe posix_spawn_file_actions_t()
        guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { throw StartError(code: ENOMEM) }
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        guard unsafe add(streams.input, 0, O_RDONLY, to: &actions),
            unsafe add(streams.output, 1, O_WRONLY, to: &actions),
            unsafe add(streams.errors, 2, O_WRONLY, to: &actions)
        else { throw StartError(code: ENOMEM) }
        // Whoever waits for the end of a pipe that we inherited must not wait for the program.
        let isClosed =
            unsafe isDetached ? platform_detach_files(&actions) : platform_close_other_files(&actions)
        guard isClosed == 0 else { throw StartError(code: ENOMEM) }
        var attributes = posix_spawnattr_t()
        guard unsafe posix_spawnattr_init(&attributes) == 0 else { throw StartError(code: ENOMEM) }
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe platform_default_signals(&attributes)
        if isDetached { unsafe posix_spawnattr_setflags(&attributes, platform_detached_flags()) }
        var child: pid_t = 0
        let result = unsafe words.withPointers { words in
            guard let path = unsafe words[0] else { return EINVAL }
            return unsafe environment.withPointers { environment in
                unsafe posix_spawn(&child, path, &actions, &attributes, words, environment)
            }
        }
        guard result == 0 else { throw StartError(code: result) }
        return Child(process: child)
    }

    /// Becomes a program, which is looked for as a shell does.
    ///
    /// - Returns: why not, as an `errno`.
    package static func become(_ words: borrowing CWords, environment: borrowing CWords) -> Int32 {
        unsafe words.withPointers { words in
            guard let name = unsafe words[0] else { return EINVAL }
            return unsafe environment.withPointers { environment in
                unsafe platform_become(name, words, environment)
                return errno
            }
        }
    }

    private static func add(
        _ stream: Stream, _ number: Int32, _ mode: Int32, to actions: inout posix_spawn_file_actions_t
    ) -> Bool {
        switch stream {
        case .inherited: true
        case .null: unsafe posix_spawn_file_actions_addopen(&actions, number, "/dev/null", mode, 0) == 0
        case .descriptor(let descriptor):
            unsafe posix_spawn_file_actions_adddup2(&actions, descriptor, number) == 0
        }
    }
}

/// Words as C takes them, with nil as their end: a command line, or an environment.
@safe
package struct CWords: ~Copyable {
    private typealias Word = UnsafeMutablePointer<CChar>

    /// The last one is nil.
    private var words: [Word?] = unsafe [nil]
    /// Those among them that are copies.
    private var copies: [Word] = unsafe []

    package init() {}

    package init(_ words: [String]) {
        for word in words {
            let bytes = word.utf8
            append(unsafe bytes.span.bytes)
        }
    }

    deinit { for place in unsafe copies.indices { unsafe free(copies[place]) } }

    /// Appends a copy, which is not wiped.
    package mutating func append(_ word: RawSpan) {
        guard let copy = unsafe malloc(word.byteCount + 1)?.assumingMemoryBound(to: CChar.self) else {
            preconditionFailure("no memory")
        }
        for place in 0..<word.byteCount {
            unsafe copy[place] = CChar(bitPattern: word.unsafeLoad(fromByteOffset: place, as: UInt8.self))
        }
        unsafe copy[word.byteCount] = 0
        unsafe copies.append(copy)
        unsafe insert(copy)
    }

    /// As the one above, for a literal.
    package mutating func append(_ word: StaticString) {
        append(unsafe UnsafeRawBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount).bytes)
    }

    /// Appends our own variables that `isKept` lets through, where they lie.
    package mutating func appendEnvironment(where isKept: (RawSpan) -> Bool) {
        var place = unsafe programEnvironment
        while let variable = unsafe place.pointee {
            let bytes = unsafe UnsafeRawBufferPointer(start: variable, count: strlen(variable))
            if isKept(unsafe bytes.bytes) { unsafe insert(variable) }
            unsafe place += 1
        }
    }

    private mutating func insert(_ word: UnsafeMutablePointer<CChar>) {
        unsafe words[words.count - 1] = word
        unsafe words.append(nil)
    }

    fileprivate func withPointers(
        _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Int32
    ) -> Int32 {
        unsafe words.withUnsafeBufferPointer { words in
            guard let start = words.baseAddress else { return EINVAL }
            return unsafe body(start)
        }
    }
}
