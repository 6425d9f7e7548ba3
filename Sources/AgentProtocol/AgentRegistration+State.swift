import Platform

extension AgentRegistration {
    /// What is registered for the vault at this path in the environment's state directory: an agent cannot register
    /// beside a vault whose directory it may only read.
    @unsafe
    package static func inState(forVault path: UnsafeRawBufferPointer) -> AgentRegistration? {
        unsafe withUnsafeTemporaryAllocation(byteCount: 4096 + 256, alignment: 1) { room in
            guard let count = unsafe folder(room), let start = room.baseAddress else { return nil }
            let name = unsafe start.assumingMemoryBound(to: CChar.self)
            guard let stream = unsafe opendir(name) else { return nil }
            defer { unsafe closedir(stream) }
            for _ in 0..<1024 {
                guard let entry = unsafe readdir(stream) else { return nil }
                let hasName = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                    // Agents begin their names with the number of their process.
                    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
                    guard let first = unsafe bytes.first, digits.contains(first),
                        let end = unsafe bytes.firstIndex(of: 0), count + end < room.count
                    else { return false }
                    let target = unsafe UnsafeMutableRawBufferPointer(rebasing: room[count...(count + end)])
                    unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[...end]))
                    return true
                }
                guard hasName else { continue }
                var isOfVault = false
                let found = unsafe try? AgentRegistration(path: name) { vault in
                    unsafe isOfVault = vault.count == path.count && vault.elementsEqual(path)
                }
                if isOfVault, let found { return found }
            }
            return nil
        }
    }

    /// Puts the path of the directory into `room`, with a zero behind it.
    ///
    /// - Returns: its bytes, of which the last one is a slash; nil when the environment names none.
    private static func folder(_ room: UnsafeMutableRawBufferPointer) -> Int? {
        let base: EnvironmentBytes
        let rest: StaticString
        if let named = unsafe EnvironmentBytes("SEALRING_STATE_DIR") {
            (unsafe base, rest) = unsafe (named, "/agents/")
        } else if let state = unsafe EnvironmentBytes.absolute("XDG_STATE_HOME") {
            (unsafe base, rest) = unsafe (state, "/sealring/agents/")
        } else if let home = unsafe EnvironmentBytes.absolute("HOME") {
            (unsafe base, rest) = unsafe (home, "/.local/state/sealring/agents/")
        } else {
            return nil
        }
        let first = unsafe base.bytes.count
        let count = first + rest.utf8CodeUnitCount
        guard count < 4096, let start = room.baseAddress else { return nil }
        unsafe room.copyMemory(from: base.bytes)
        unsafe (start + first).copyMemory(from: rest.utf8Start, byteCount: rest.utf8CodeUnitCount)
        unsafe room[count] = 0
        return count
    }
}
