import Platform
package import SecureMemory

/// Why the program that speaks to AWS brought no reply.
package enum ExchangeError: Error, Equatable, Sendable {
    /// It is not in the directory of the running program.
    case missing
    /// Others than this user and root may change it.
    case untrusted
    /// The system did not start it; `code` is the `errno`.
    case cannotStart(code: Int32)
    /// It ended without a proper reply.
    case noReply
    case timeout
    /// Nobody reads our stdout any more.
    case abandoned
    case memory(SecureMemoryError)
}

/// Runs `sealring-aws`, from the directory of the running program, for one request.
///
/// The frames are passed on unread. No strings or arrays: the helper's start would pay for them.
package enum ExchangeProgram {
    /// - Parameters:
    ///   - frame: holds the request, and then the reply.
    ///   - watchingOutput: whether to give up when nobody reads our stdout any more.
    package static func run(
        _ frame: inout SecretBuffer, milliseconds: Int32, watchingOutput: Bool
    ) throws(ExchangeError) {
        let end = MonotonicClock.milliseconds() + Int64(milliseconds)
        var ends = Ends()
        let child = try start(&ends)
        do throws(ExchangeError) {
            try send(frame, ends, end, watchingOutput)
            ends.closeInput()
            frame.truncate(to: 0)
            try receive(&frame, ends, end, watchingOutput)
            ends.closeAll()
            reap(child, isKilled: false)
        } catch {
            ends.closeAll()
            reap(child, isKilled: true)
            throw error
        }
    }

    // MARK: the two pipes

    private struct Ends {
        var input: Int32 = -1
        var output: Int32 = -1

        mutating func closeInput() {
            if input >= 0 { close(input) }
            input = -1
        }

        mutating func closeAll() {
            closeInput()
            if output >= 0 { close(output) }
            output = -1
        }
    }

    private static func send(
        _ frame: borrowing SecretBuffer, _ ends: Ends, _ end: Int64, _ isWatching: Bool
    ) throws(ExchangeError) {
        try unsafe frame.withUnsafeBytes { (bytes) throws(ExchangeError) in
            var sent = 0
            while sent < bytes.count {
                let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[sent...])
                let count = unsafe write(ends.input, rest.baseAddress, rest.count)
                if count > 0 {
                    sent += count
                } else if errno == EAGAIN {
                    try wait(ends.input, POLLOUT, end, isWatching)
                } else if errno != EINTR {
                    throw .noReply
                }
            }
        }
    }

    private static func receive(
        _ frame: inout SecretBuffer, _ ends: Ends, _ end: Int64, _ isWatching: Bool
    ) throws(ExchangeError) {
        while true {
            let head = unsafe frame.withUnsafeBytes { unsafe FrameHead($0) }
            var room = 4 << 10
            switch head {
            case .malformed: throw .noReply
            case .size(let size) where frame.count == size: return
            case .size(let size) where frame.count > size: throw .noReply
            case .size(let size): room = size - frame.count
            case .incomplete: break
            }
            try wait(ends.output, POLLIN, end, isWatching)
            let got: Int
            do {
                got = try unsafe frame.fill(room: room) { room in
                    max(unsafe read(ends.output, room.baseAddress, room.count), 0)
                }
            } catch { throw .noReply }
            if got == 0 { throw .noReply }
        }
    }

    private static func wait(
        _ descriptor: Int32, _ event: Int32, _ end: Int64, _ isWatching: Bool
    ) throws(ExchangeError) {
        var pair = (
            pollfd(fd: descriptor, events: Int16(event), revents: 0),
            pollfd(fd: isWatching ? 1 : -1, events: 0, revents: 0)
        )
        while true {
            let left = end - MonotonicClock.milliseconds()
            guard left > 0 else { throw .timeout }
            let count = unsafe withUnsafeMutableBytes(of: &pair) { bytes in
                unsafe poll(bytes.baseAddress?.assumingMemoryBound(to: pollfd.self), 2, Int32(left))
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .noReply }
            if pair.0.revents != 0 { return }
            if pair.1.revents != 0 { throw .abandoned }
        }
    }

    // MARK: the process

    private static func start(_ ends: inout Ends) throws(ExchangeError) -> pid_t {
        var input: (Int32, Int32) = (-1, -1)
        var output: (Int32, Int32) = (-1, -1)
        guard unsafe platform_pipe(&input.0, &input.1) == 0 else { throw .cannotStart(code: errno) }
        guard unsafe platform_pipe(&output.0, &output.1) == 0 else {
            let code = errno
            close(input.0)
            close(input.1)
            throw .cannotStart(code: code)
        }
        ends.input = input.1
        ends.output = output.0
        defer {
            close(input.0)
            close(output.1)
        }
        _ = fcntl(ends.input, F_SETFL, O_NONBLOCK)
        do throws(ExchangeError) {
            return try spawn(input.0, output.1)
        } catch {
            ends.closeAll()
            throw error
        }
    }

    private static func spawn(_ input: Int32, _ output: Int32) throws(ExchangeError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        guard unsafe posix_spawn_file_actions_init(&actions) == 0 else { throw .cannotStart(code: ENOMEM) }
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, input, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        guard unsafe platform_close_other_files(&actions) == 0 else { throw .cannotStart(code: ENOMEM) }
        var attributes = posix_spawnattr_t()
        guard unsafe posix_spawnattr_init(&attributes) == 0 else { throw .cannotStart(code: ENOMEM) }
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        unsafe platform_default_signals(&attributes)
        var child: pid_t = 0
        // No error of the system: EPERM is also that of a container that refuses the system call.
        let isUntrusted: Int32 = -1
        let result = unsafe withUnsafeTemporaryAllocation(byteCount: Int(PATH_MAX), alignment: 16) { path in
            guard unsafe sibling(in: path) else { return ENOENT }
            guard let path = unsafe path.baseAddress?.assumingMemoryBound(to: CChar.self) else {
                return ENOENT
            }
            guard unsafe SiblingProgram.isTrusted(path) else { return isUntrusted }
            var words: (CWord?, CWord?) = unsafe (path, nil)
            // The last word is nil, as the end.
            var environment: (CWord?, CWord?, CWord?, CWord?, CWord?, CWord?, CWord?) =
                (nil, nil, nil, nil, nil, nil, nil)
            return unsafe withUnsafeMutableBytes(of: &environment) { environment in
                unsafe withUnsafeMutableBytes(of: &words) { words in
                    let variables = unsafe environment.assumingMemoryBound(to: CWord?.self)
                    unsafe fill(variables)
                    guard let words = unsafe words.assumingMemoryBound(to: CWord?.self).baseAddress,
                        let variables = variables.baseAddress
                    else { return EINVAL }
                    return unsafe posix_spawn(&child, path, &actions, &attributes, words, variables)
                }
            }
        }
        switch result {
        case 0: return child
        case ENOENT: throw .missing
        case isUntrusted: throw .untrusted
        default: throw .cannotStart(code: result)
        }
    }

    private typealias CWord = UnsafeMutablePointer<CChar>

    /// The variables of our environment that it may see: which proxy to use, and for which hosts none.
    private static func fill(_ variables: UnsafeMutableBufferPointer<CWord?>) {
        var count = 0
        var place = unsafe environ
        while let variable = unsafe place.pointee, count < 6 {
            let isProxy =
                unsafe strncmp(variable, "HTTPS_PROXY=", 12) == 0
                || strncmp(variable, "https_proxy=", 12) == 0
                || strncmp(variable, "ALL_PROXY=", 10) == 0 || strncmp(variable, "all_proxy=", 10) == 0
                || strncmp(variable, "NO_PROXY=", 9) == 0 || strncmp(variable, "no_proxy=", 9) == 0
            if isProxy {
                unsafe variables[count] = variable
                count += 1
            }
            unsafe place += 1
        }
    }

    /// Writes the path of the program, with its zero.
    private static func sibling(in path: UnsafeMutableRawBufferPointer) -> Bool {
        guard let start = path.baseAddress else { return false }
        var end = max(unsafe readlink("/proc/self/exe", start, path.count), 0)
        while end > 0, unsafe path[end - 1] != UInt8(ascii: "/") { end -= 1 }
        let name: StaticString = "sealring-aws"
        guard end > 0, end + name.utf8CodeUnitCount < path.count else { return false }
        unsafe memcpy(start + end, name.utf8Start, name.utf8CodeUnitCount)
        unsafe path[end + name.utf8CodeUnitCount] = 0
        return unsafe access(start.assumingMemoryBound(to: CChar.self), F_OK) == 0
    }

    /// Waits for the child, which has nothing more to say; one that does not end is ended.
    ///
    /// One that is traced stays until its tracer lets go, even when it was killed: it is not waited for, and
    /// whoever waits for this process takes it over.
    private static func reap(_ child: pid_t, isKilled: Bool) {
        if isKilled { kill(child, SIGKILL) }
        var status: Int32 = 0
        for pause in 0..<2000 {
            let ended = unsafe waitpid(child, &status, WNOHANG)
            if ended == child || ended < 0 && errno != EINTR { return }
            if pause == 1000 { kill(child, SIGKILL) }
            usleep(200)
        }
    }
}
