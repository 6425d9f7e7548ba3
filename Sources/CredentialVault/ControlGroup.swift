/// A control group of this process that bounds its memory, of version 1 or 2.
///
/// Source: <https://docs.kernel.org/admin-guide/cgroup-v2.html>,
/// <https://docs.kernel.org/admin-guide/cgroup-v1/memory.html>, `cgroups(7)`, `proc_pid_mountinfo(5)`.
struct ControlGroup: Equatable {
    enum Version { case one, two }

    let version: Version
    /// The directories of the group and of those above it, as far as they can be seen; a limit of any counts.
    let directories: [String]

    /// The groups of this process, one of each version at most.
    static func all(_ files: SystemFiles) -> [ControlGroup] {
        guard let groups = files.text("/proc/self/cgroup"),
            let mounts = files.text("/proc/self/mountinfo", limit: 1 << 20)
        else { return [] }
        let lines = mounts.split(separator: "\n").compactMap(Mount.init)
        return [Version.one, .two].compactMap { version in
            guard let path = path(version, in: groups) else { return nil }
            let mounts = lines.filter { $0.holdsMemory(version) }
            // In a container the group's path may be one that only the host sees. What is mounted is then the
            // container's own group.
            let directories = mounts.lazy.compactMap { $0.directories(of: path) }.first {
                files.exists($0[0])
            }
            guard let directories = directories ?? mounts.first.map({ [$0.point] }) else { return nil }
            return ControlGroup(version: version, directories: directories)
        }
    }

    /// The smallest limit; nil when there is none.
    func limit(_ files: SystemFiles) -> Int? {
        bounding(files).compactMap { limit(of: $0, files) }.min()
    }

    /// What is left of the limits, with cached files counted as free, as the kernel gives them up first.
    func available(_ files: SystemFiles) -> Int? {
        bounding(files).compactMap { directory -> Int? in
            guard let limit = limit(of: directory, files),
                let used = files.number(
                    directory + (version == .two ? "/memory.current" : "/memory.usage_in_bytes"))
            else { return nil }
            let names =
                version == .two
                ? ["inactive_file", "active_file", "slab_reclaimable"]
                : ["total_inactive_file", "total_active_file"]
            let cached = names.reduce(0) { sum, name in
                // Both are at most `SystemFiles.most`, so that the sums stay far from the largest number.
                sum + (files.value(name, in: directory + "/memory.stat") ?? 0)
            }
            return max(0, limit - max(0, used - cached))
        }.min()
    }

    private func limit(of directory: String, _ files: SystemFiles) -> Int? {
        // Beyond `memory.high` a process is not ended, but slowed down almost to a stop.
        let names = version == .two ? ["/memory.max", "/memory.high"] : ["/memory.limit_in_bytes"]
        // Where version 1 has no limit it names a number near 2^63, and the machine has less than that.
        return names.compactMap { files.number(directory + $0) }.min()
    }

    /// The directories whose limits count. In version 1 a group may not be charged for those below it.
    private func bounding(_ files: SystemFiles) -> [String] {
        guard version == .one else { return directories }
        var counted = directories.prefix(1)
        for directory in directories.dropFirst() {
            guard files.number(directory + "/memory.use_hierarchy") != 0 else { break }
            counted.append(directory)
        }
        return Array(counted)
    }

    private static func path(_ version: Version, in groups: String) -> Substring? {
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",")
            switch version {
            case .one where controllers.contains("memory"): return fields[2]
            case .two where fields[0] == "0" && controllers.isEmpty: return fields[2]
            default: continue
            }
        }
        return nil
    }
}

/// A line of `mountinfo`.
private struct Mount {
    /// The part of the file system that is mounted.
    let root: String
    let point: String
    private let type: Substring
    private let options: [Substring]

    init?(_ line: Substring) {
        let fields = line.split(separator: " ")
        // A number of optional fields ends with a hyphen.
        guard let hyphen = fields.firstIndex(of: "-"), hyphen >= 6, fields.count >= hyphen + 4 else {
            return nil
        }
        root = Self.unescaped(fields[3])
        point = Self.unescaped(fields[4])
        type = fields[hyphen + 1]
        options = fields[hyphen + 3].split(separator: ",")
    }

    func holdsMemory(_ version: ControlGroup.Version) -> Bool {
        switch version {
        case .one: type == "cgroup" && options.contains("memory")
        case .two: type == "cgroup2"
        }
    }

    /// The directory of a group and those above it, up to the mount's own; nil when the group is not below it.
    func directories(of group: Substring) -> [String]? {
        // Such a path leads out of what this process may see.
        guard !group.split(separator: "/").contains(".."), group.hasPrefix(root) else { return nil }
        let below = group.dropFirst(root == "/" ? 0 : root.count)
        guard below.isEmpty || below.hasPrefix("/") else { return nil }
        var parts = below.split(separator: "/").prefix(Self.depthLimit)
        var directories: [String] = []
        while !parts.isEmpty {
            directories.append(point + "/" + parts.joined(separator: "/"))
            parts.removeLast()
        }
        return directories + [point]
    }

    private static let depthLimit = 64

    /// Blanks, tabs, line feeds and backslashes stand as three octal digits.
    private static func unescaped(_ field: Substring) -> String {
        guard field.contains("\\") else { return String(field) }
        var bytes: [UInt8] = []
        var rest = Array(field.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            {
                bytes.append(code)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
