import Platform
import SecureMemory

extension AgentRegistration {
    /// What is registered for the vault at this path in the environment's state directory: an agent cannot register
    /// beside a vault whose directory it may only read.
    package static func inState(forVault vault: RawSpan) -> AgentRegistration? {
        var path = MessageText(limit: 4096 + 256)
        guard appendFolder(to: &path) else { return nil }
        let count = path.count
        guard let stream = unsafe path.withPath({ unsafe opendir($0) }) else { return nil }
        defer { unsafe closedir(stream) }
        for _ in 0..<1024 {
            guard let entry = unsafe readdir(stream) else { return nil }
            path.cut(to: count)
            unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                let bytes = unsafe bytes.bytes
                // Agents begin their names with the number of their process.
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes.byte(at: 0)),
                    let end = bytes.firstIndex(of: 0)
                else { return }
                path.append(bytes.extracting(first: end))
            }
            guard path.count > count else { continue }
            var isOfVault = false
            do throws(Obstacle) {
                let found = try AgentRegistration(path: path) { isOfVault = $0.isSame(as: vault) }
                if isOfVault, let found { return found }
            } catch { continue }
        }
        return nil
    }

    /// Appends the path of the directory, with a slash behind it; false when the environment names none.
    private static func appendFolder(to path: inout MessageText) -> Bool {
        if let named = EnvironmentBytes("SEALRING_STATE_DIR") {
            path.append(named.bytes)
            path.append("/agents/")
        } else if let state = EnvironmentBytes.absolute("XDG_STATE_HOME") {
            path.append(state.bytes)
            path.append("/sealring/agents/")
        } else if let home = EnvironmentBytes.absolute("HOME") {
            path.append(home.bytes)
            path.append("/.local/state/sealring/agents/")
        } else {
            return false
        }
        return !path.isCut && path.count < 4096
    }
}
