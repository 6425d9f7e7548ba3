import Platform
import SecureMemory

extension AgentRegistration {
    /// What is registered for the vault at this path in the environment's state directory: an agent cannot register
    /// beside a vault whose directory it may only read.
    package static func inState(
        forVault vault: RawSpan, in environment: EnvironmentSource = .process
    ) -> AgentRegistration? {
        var path = MessageText(limit: 4096 + 256)
        guard StateDirectory.append(to: &path, in: environment) else { return nil }
        path.append("/agents/")
        guard !path.isCut, path.count < 4096 else { return nil }
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
}
