import DurableFiles

/// How much memory a process can take here and now without making the system swap or kill.
enum AvailableMemory {
    /// Bytes, or nil where the system does not tell.
    static func bytes() -> Int? {
        #if os(Linux)
            let machine = value("MemAvailable:", in: "/proc/meminfo").map { $0 << 10 }
            return [machine, groupBytes()].compactMap { $0 }.min()
        #else
            return nil
        #endif
    }

    /// The machine's memory in bytes, or nil where the system does not tell.
    static func total() -> Int? {
        #if os(Linux)
            let machine = value("MemTotal:", in: "/proc/meminfo").map { $0 << 10 }
            let group = group().flatMap { number(in: $0 + "/memory.max") }
            return [machine, group].compactMap { $0 }.min()
        #else
            return nil
        #endif
    }

    /// What is left of the limit of this process's control group, page cache counted as free.
    private static func groupBytes() -> Int? {
        guard let group = group(), let limit = number(in: group + "/memory.max"),
            let used = number(in: group + "/memory.current")
        else { return nil }
        return max(0, limit - used + (value("inactive_file", in: group + "/memory.stat") ?? 0))
    }

    private static func group() -> String? {
        guard let text = text("/proc/self/cgroup") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("0::/") }
        return line.map { "/sys/fs/cgroup" + $0.dropFirst(3) }
    }

    private static func value(_ name: String, in path: String) -> Int? {
        guard let text = text(path) else { return nil }
        for line in text.split(separator: "\n") where line.hasPrefix(name) {
            return Int(line.split(separator: " ").dropFirst().first ?? "")
        }
        return nil
    }

    private static func number(in path: String) -> Int? {
        text(path).flatMap { Int($0.split(separator: "\n").first ?? "") }
    }

    private static func text(_ path: String) -> String? {
        guard let file = try? FileHandle.open(path) else { return nil }
        var bytes = [UInt8](repeating: 0, count: 16 << 10)
        guard let got = unsafe bytes.withUnsafeMutableBytes({ unsafe try? file.read(into: $0) }) else {
            return nil
        }
        return String(decoding: bytes[..<got], as: UTF8.self)
    }
}
