import AWSValues
import Platform
import SecureMemory

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
    /// The name of a file under `agents`: the process number alone is not unique, since containers have their own.
    package static func name(process: Int32, random: UInt64) -> String {
        "\(process)-" + Hex.text(random)
    }

    /// Whether an agent gives such a name; earlier ones gave a number alone.
    package static func isName(_ name: String) -> Bool {
        let parts = name.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard (1...10).contains(parts[0].count), parts[0].allSatisfy({ $0.isDigit }) else { return false }
        guard parts.count == 2 else { return parts.count == 1 }
        return parts[1].count == 16
            && parts[1].allSatisfy { Hex.value(of: $0) != nil && !$0.isUppercaseLetter }
    }

    /// The most bytes of a file.
    package static var contentLimit: Int { 4096 + 1 + 108 }

    /// Why it is not known whether an agent holds the file.
    package enum Obstacle: Error {
        /// The file belongs to this other user.
        case foreign(UInt32)
        /// The system's error, for example where the file system has no locks.
        case system(Int32)
    }

    /// Reads the file at `path`. Its permissions do not matter: the kernel says who holds
    /// it, and only this user's processes are asked or ended.
    ///
    /// - Parameter vault: gets the bytes of the vault's path.
    /// - Returns: nil when no agent holds it.
    package init?(path: borrowing MessageText, vault: (RawSpan) -> Void = { _ in }) throws(Obstacle) {
        let file = path.open(O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else {
            let code = errno
            // No agent makes a link or a socket of it.
            if code == ENOENT || code == ENOTDIR || code == ELOOP || code == ENXIO { return nil }
            if let facts = path.facts(followingLinks: false), !facts.isOurs { throw .foreign(facts.owner) }
            throw .system(code)
        }
        defer { close(file) }
        guard let facts = FileFacts(descriptor: file) else { throw .system(errno) }
        guard facts.isRegular else { return nil }
        switch platform_record_holder(file) {
        case 0: return nil
        case -1: throw .system(errno)
        case -2: holder = .unseen
        case let process: holder = .process(process)
        }
        guard facts.isOurs else { throw .foreign(facts.owner) }
        address = unsafe withUnsafeTemporaryAllocation(byteCount: Self.contentLimit, alignment: 1) { room in
            let count = unsafe Platform.read(file, room.baseAddress, room.count)
            guard count > 0 else { return nil }
            let content = unsafe UnsafeRawBufferPointer(rebasing: room[..<count]).bytes
            guard let end = content.firstIndex(of: 0) else { return nil }
            vault(content.extracting(first: end))
            do throws(AgentError) {
                return try AgentAddress(path: content.extracting(droppingFirst: end + 1))
            } catch { return nil }
        }
    }

    /// What is registered beside the vault at this path.
    package init?(vault path: RawSpan) throws(Obstacle) {
        var file = MessageText(limit: path.byteCount + Self.suffix.utf8CodeUnitCount)
        file.append(path)
        file.append(Self.suffix)
        guard let found = try AgentRegistration(path: file) else { return nil }
        self = found
    }
}
