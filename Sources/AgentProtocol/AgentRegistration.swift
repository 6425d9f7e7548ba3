import CPlatform

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What an agent writes down for those who look for it: beside its vault in `NAME.agent.lock`, so that clients
/// find it whatever their environment says of the socket, and in the state directory under `agents`.
///
/// The agent holds a record lock on the file as long as it lives, and the kernel tells who holds it: what a dead
/// agent wrote counts for nothing. The content is `path of the vault ‖ 0 ‖ path of the socket`.
///
/// Plain bytes and calls: the helper comes here when nobody listens where its environment points.
package struct AgentRegistration {
    package enum Holder: Equatable, Sendable {
        case process(Int32)
        /// In another PID namespace, or on another machine that shares the directory.
        case unseen
    }

    package let holder: Holder
    /// Nil while the agent has not written it yet, or when it is no path of a socket.
    package let address: AgentAddress?

    /// The end of the name of the file beside a vault.
    package static var suffix: StaticString { ".agent.lock" }
    /// The most bytes of a file.
    package static var contentLimit: Int { 4096 + 1 + 108 }

    /// Reads the file at `path`, which ends with a zero.
    ///
    /// - Parameter vault: gets the bytes of the vault's path.
    /// - Returns: nil when no agent holds it, or when the file is not this user's own.
    @unsafe
    package init?(path: UnsafePointer<CChar>, vault: (UnsafeRawBufferPointer) -> Void = { _ in }) {
        let file = unsafe platform_openat(
            AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var status = stat()
        guard unsafe fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
            status.st_uid == geteuid(), status.st_mode & 0o022 == 0
        else { return nil }
        switch platform_record_holder(file) {
        case 0, -1: return nil
        case -2: holder = .unseen
        case let process: holder = .process(process)
        }
        address = unsafe withUnsafeTemporaryAllocation(byteCount: Self.contentLimit, alignment: 1) { room in
            let count = unsafe systemRead(file, room.baseAddress, room.count)
            guard count > 0 else { return nil }
            let content = unsafe UnsafeRawBufferPointer(rebasing: room[..<count])
            guard let end = unsafe content.firstIndex(of: 0) else { return nil }
            unsafe vault(UnsafeRawBufferPointer(rebasing: content[..<end]))
            return try? unsafe AgentAddress(path: UnsafeRawBufferPointer(rebasing: content[(end + 1)...]))
        }
    }

    /// What is registered beside the vault at this path.
    @unsafe
    package init?(vault path: UnsafeRawBufferPointer) {
        let suffix = Self.suffix
        let found = unsafe withUnsafeTemporaryAllocation(
            byteCount: path.count + suffix.utf8CodeUnitCount + 1, alignment: 1
        ) { room -> AgentRegistration? in
            guard let start = room.baseAddress else { return nil }
            unsafe room.copyMemory(from: path)
            unsafe (start + path.count).copyMemory(
                from: suffix.utf8Start, byteCount: suffix.utf8CodeUnitCount)
            unsafe room[room.count - 1] = 0
            return unsafe AgentRegistration(path: start.assumingMemoryBound(to: CChar.self))
        }
        guard let found else { return nil }
        self = found
    }
}

private func systemRead(_ descriptor: Int32, _ target: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    unsafe read(descriptor, target, count)
}
