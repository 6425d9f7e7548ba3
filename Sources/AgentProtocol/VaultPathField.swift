import Platform
package import SecureMemory

extension SecretBuffer {
    /// Appends the path of the vault that the environment means, as a field: `SEALRING_VAULT`, else
    /// `$XDG_DATA_HOME/sealring/vault`, else `~/.local/share/sealring/vault`. It is always absolute.
    package mutating func appendVaultPathField(
        in environment: EnvironmentSource = .process
    ) throws(AgentError) {
        let start = try beginField()
        if let path = EnvironmentBytes("SEALRING_VAULT", in: environment) {
            if !path.isAbsolute {
                try appendWorkingDirectory()
                try appendPiece("/")
            }
            try appendPiece(path.bytes)
        } else {
            if let base = EnvironmentBytes.absolute("XDG_DATA_HOME", in: environment) {
                try appendPiece(base.bytes)
            } else {
                guard let home = EnvironmentBytes.absolute("HOME", in: environment) else {
                    throw .path(.noHome)
                }
                try appendPiece(home.bytes)
                try appendPiece("/.local/share")
            }
            try appendPiece("/sealring/vault")
        }
        endField(start)
    }

    private mutating func appendWorkingDirectory() throws(AgentError) {
        guard let path = unsafe getcwd(nil, 0) else { throw .system(call: "getcwd", code: errno) }
        defer { unsafe free(path) }
        try appendPiece(unsafe UnsafeRawBufferPointer(start: path, count: strlen(path)).bytes)
    }
}

/// The vault that the environment means, for those who have no agent to ask.
package enum VaultFile {
    /// The vault's path, when there is nothing at it; else nil.
    package static func missingPath() -> MessageText? {
        // A socket that was named may be that of another machine's or container's agent.
        if EnvironmentBytes("SEALRING_AGENT_SOCKET") != nil { return nil }
        var path = MessageText(limit: Int(PATH_MAX))
        do throws(AgentError) {
            var field = try AgentMessage.buffer(capacity: 4000)
            try field.appendVaultPathField()
            path.append(field.bytes.extracting(droppingFirst: 4))
        } catch { return nil }
        guard !path.isCut, path.facts() == nil, errno == ENOENT || errno == ENOTDIR else { return nil }
        return path
    }
}
