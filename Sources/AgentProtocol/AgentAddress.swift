package import Platform
import SecureMemory

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
    package init(in environment: EnvironmentSource = .process) throws(AgentError) {
        if let path = EnvironmentBytes("SEALRING_AGENT_SOCKET", in: environment) {
            guard path.isAbsolute else { throw .path(.relative) }
            try append(path.bytes)
        } else if let base = EnvironmentBytes.absolute("XDG_RUNTIME_DIR", in: environment), !base.isForeign {
            try append(base.bytes)
            try append("/sealring/agent.sock")
        } else {
            guard let home = EnvironmentBytes.absolute("HOME", in: environment) else { throw .path(.noHome) }
            try append(home.bytes)
            try append("/.local/state/sealring/agent.sock")
        }
        address.sun_family = sa_family_t(AF_UNIX)
    }

    /// The address with this absolute path.
    package init(path: RawSpan) throws(AgentError) {
        guard !path.isEmpty, path.byte(at: 0) == UInt8(ascii: "/") else { throw .path(.relative) }
        try append(path)
        address.sun_family = sa_family_t(AF_UNIX)
    }

    /// The path, for messages and for the directory that has to be made.
    package var path: String {
        unsafe withUnsafeBytes(of: address.sun_path) {
            unsafe String(decoding: UnsafeRawBufferPointer(rebasing: $0[..<count]), as: UTF8.self)
        }
    }

    /// Appends the path to a message, as a terminal may show it.
    package func appendPath(to text: inout MessageText) {
        unsafe withUnsafeBytes(of: address.sun_path) {
            unsafe text.appendPrintable(UnsafeRawBufferPointer(rebasing: $0[..<count]).bytes)
        }
    }

    /// What the system says of the socket; nil with `errno` set.
    package var facts: FileFacts? { unsafe withPath { unsafe FileFacts($0, followingLinks: false) } }

    /// What the system says of the directory that the socket is in; nil with `errno` set.
    package var directoryFacts: FileFacts? {
        var directory = self
        directory.cutName()
        return directory.facts
    }

    /// Calls `body` with the path's bytes and a zero behind them.
    private func withPath<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
        unsafe withUnsafeBytes(of: address.sun_path) { path in
            guard let start = path.baseAddress else { preconditionFailure("the path has an address") }
            return unsafe body(start.assumingMemoryBound(to: CChar.self))
        }
    }

    /// Calls `body` with the address as the system calls take it.
    package func withAddress<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        unsafe withUnsafeBytes(of: address) { bytes in
            guard let start = bytes.baseAddress else { preconditionFailure("it has an address") }
            return unsafe body(start.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
        }
    }

    /// Leaves the path of the directory; `.` when the path names none.
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

    private mutating func append(_ text: StaticString) throws(AgentError) { try append(text.rawSpan) }

    private mutating func append(_ bytes: RawSpan) throws(AgentError) {
        guard count + bytes.byteCount <= Self.pathLimit else { throw .path(.tooLong) }
        let start = count
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
            for place in 0..<bytes.byteCount { unsafe path[start + place] = bytes.byte(at: place) }
        }
        count += bytes.byteCount
    }
}
