package import Platform

/// Where the agent listens: `SEALRING_AGENT_SOCKET`, else `$XDG_RUNTIME_DIR/sealring/agent.sock`, else
/// `~/.local/state/sealring/agent.sock`.
///
/// A runtime directory of another user, which `su` and `sudo` pass on, counts as missing: by the XDG rules it
/// must belong to the user, and what is made there shuts its owner out.
///
/// Plain bytes in the system's own structure: this lies on the helper's path, where strings would cost.
package struct AgentAddress {
    private(set) var address = sockaddr_un()
    private var count = 0

    /// The longest path that a Unix socket can have, in bytes.
    package static var pathLimit: Int { MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1 }

    /// The address that the environment says.
    package init() throws(AgentError) {
        if let path = unsafe EnvironmentBytes("SEALRING_AGENT_SOCKET") {
            guard unsafe path.isAbsolute else { throw .path(.relative) }
            try unsafe append(path.bytes)
        } else if let base = unsafe EnvironmentBytes.absolute("XDG_RUNTIME_DIR"), unsafe !base.isForeign {
            try unsafe append(base.bytes)
            try append("/sealring/agent.sock")
        } else {
            guard let home = unsafe EnvironmentBytes.absolute("HOME") else { throw .path(.noHome) }
            try unsafe append(home.bytes)
            try append("/.local/state/sealring/agent.sock")
        }
        address.sun_family = sa_family_t(AF_UNIX)
    }

    /// The address with this absolute path.
    @unsafe
    package init(path: UnsafeRawBufferPointer) throws(AgentError) {
        guard unsafe path.first == UInt8(ascii: "/") else { throw .path(.relative) }
        try unsafe append(path)
        address.sun_family = sa_family_t(AF_UNIX)
    }

    /// The path, for messages and for the directory that has to be made.
    package var path: String {
        unsafe withUnsafeBytes(of: address.sun_path) {
            unsafe String(decoding: UnsafeRawBufferPointer(rebasing: $0[..<count]), as: UTF8.self)
        }
    }

    /// Calls `body` with the path's bytes and a zero behind them.
    package func withPath<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        unsafe withUnsafeBytes(of: address.sun_path) { path in
            guard let start = path.baseAddress else { preconditionFailure("the path has an address") }
            return unsafe body(start.assumingMemoryBound(to: CChar.self))
        }
    }

    /// Calls `body` with the path of the socket's directory; `.` when the path names none.
    package func withDirectory<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        var directory = self
        directory.cutName()
        return unsafe directory.withPath(body)
    }

    /// Calls `body` with the address as the system calls take it.
    package func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafeBytes(of: address) { bytes in
            guard let start = bytes.baseAddress else { preconditionFailure("it has an address") }
            return unsafe body(start.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    private mutating func cutName() {
        var end = count
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            while end > 0, unsafe path[end - 1] != UInt8(ascii: "/") { end -= 1 }
            if end == 0 {
                unsafe path[0] = UInt8(ascii: ".")
                end = 1
            } else if end > 1 {
                end -= 1
            }
            for position in end..<path.count { unsafe path[position] = 0 }
        }
        count = end
    }

    private mutating func append(_ text: StaticString) throws(AgentError) {
        try unsafe append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) throws(AgentError) {
        guard count + bytes.count <= Self.pathLimit else { throw .path(.tooLong) }
        let start = count
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            unsafe UnsafeMutableRawBufferPointer(rebasing: path[start..<(start + bytes.count)])
                .copyMemory(from: bytes)
        }
        count += bytes.count
    }
}

/// The bytes of a variable of the environment, which is not changed while the program runs.
@unsafe
package struct EnvironmentBytes {
    package let bytes: UnsafeRawBufferPointer

    /// Nil when the variable is missing or empty.
    package init?(_ name: StaticString) {
        // A literal's bytes end with a zero.
        let value = unsafe getenv(UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
        guard let value = unsafe value, unsafe value.pointee != 0 else { return nil }
        unsafe bytes = UnsafeRawBufferPointer(start: value, count: strlen(value))
    }

    /// By the XDG rules a value that is no absolute path counts as missing; `/` alone adds nothing.
    package static func absolute(_ name: StaticString) -> EnvironmentBytes? {
        guard var value = unsafe EnvironmentBytes(name), unsafe value.isAbsolute else { return nil }
        if unsafe value.bytes.count == 1 {
            unsafe value = EnvironmentBytes(UnsafeRawBufferPointer(rebasing: value.bytes[..<0]))
        }
        return unsafe value
    }

    package var isAbsolute: Bool { unsafe bytes.first == UInt8(ascii: "/") }

    /// Whether the value names a file of another user.
    package var isForeign: Bool {
        guard let start = unsafe bytes.baseAddress else { return false }
        var status = stat()
        // The value ends with a zero, as the environment holds it.
        return unsafe stat(start.assumingMemoryBound(to: CChar.self), &status) == 0
            && status.st_uid != geteuid()
    }

    private init(_ bytes: UnsafeRawBufferPointer) { unsafe self.bytes = bytes }
}
