import Platform
package import SecureMemory

extension SecretBuffer {
    /// Appends the path of the vault that the environment means, as a field: `SEALRING_VAULT`, else
    /// `$XDG_DATA_HOME/sealring/vault`, else `~/.local/share/sealring/vault`. It is always absolute.
    package mutating func appendVaultPathField() throws(AgentError) {
        if let path = unsafe EnvironmentBytes("SEALRING_VAULT") {
            if unsafe path.isAbsolute { return try unsafe appendField(path.bytes) }
            let start = count
            try unsafe appendField(UnsafeRawBufferPointer(start: nil, count: 0))
            try appendWorkingDirectory()
            try appendPiece("/")
            try unsafe appendPiece(path.bytes)
            return overwrite(at: start, littleEndian: UInt32(count - start - 4))
        }
        let start = count
        try unsafe appendField(UnsafeRawBufferPointer(start: nil, count: 0))
        if let base = unsafe EnvironmentBytes.absolute("XDG_DATA_HOME") {
            try unsafe appendPiece(base.bytes)
        } else {
            guard let home = unsafe EnvironmentBytes.absolute("HOME") else { throw .path(.noHome) }
            try unsafe appendPiece(home.bytes)
            try appendPiece("/.local/share")
        }
        try appendPiece("/sealring/vault")
        overwrite(at: start, littleEndian: UInt32(count - start - 4))
    }

    private mutating func appendWorkingDirectory() throws(AgentError) {
        guard let path = unsafe getcwd(nil, 0) else { throw .system(call: "getcwd", code: errno) }
        defer { unsafe free(path) }
        try unsafe appendPiece(UnsafeRawBufferPointer(start: path, count: strlen(path)))
    }

    private mutating func appendPiece(_ text: StaticString) throws(AgentError) {
        try unsafe appendPiece(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    private mutating func appendPiece(_ bytes: UnsafeRawBufferPointer) throws(AgentError) {
        let isAppended: Bool
        do { isAppended = try unsafe append(bytes) } catch { throw .memory(error) }
        guard isAppended else { throw .tooLong }
    }
}

/// The vault that the environment means, for those who have no agent to ask.
package enum VaultFile {
    /// Whether there is nothing at the vault's path.
    ///
    /// - Parameter body: gets the path.
    package static func isMissing(_ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        // A socket that was named may be that of another machine's or container's agent.
        guard unsafe EnvironmentBytes("SEALRING_AGENT_SOCKET") == nil,
            var path = try? SecretBuffer(capacity: 4000, limit: AgentMessage.frameLimit),
            (try? path.appendVaultPathField()) != nil
        else { return false }
        let end: UInt8 = 0
        guard unsafe withUnsafeBytes(of: end, { (try? unsafe path.append($0)) == true }) else { return false }
        return unsafe path.withUnsafeBytes { field in
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: field[4...])
            var status = stat()
            guard let start = bytes.baseAddress,
                unsafe stat(start.assumingMemoryBound(to: CChar.self), &status) != 0,
                errno == ENOENT || errno == ENOTDIR
            else { return false }
            unsafe body(UnsafeRawBufferPointer(rebasing: bytes.dropLast()))
            return true
        }
    }
}
