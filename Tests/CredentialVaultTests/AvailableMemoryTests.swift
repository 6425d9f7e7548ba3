import DurableFiles
import TestSupport
import Testing

@testable import CredentialVault

#if os(Linux)
    import Glibc

    /// A machine of 8 GiB with 4 GiB to give, in copies of the files in which Linux describes itself.
    final class FakeSystem: Sendable {
        let scratch = Scratch()

        init(_ files: [String: String] = [:]) throws {
            try write(
                "/proc/meminfo", "MemTotal:        8388608 kB\nMemFree: 1 kB\nMemAvailable:    4194304 kB\n")
            // 10 MiB mapped, 4 MiB of them data.
            try write("/proc/self/statm", "2560 900 500 30 0 1024 0\n")
            for (path, text) in files { try write(path, text) }
        }

        func write(_ path: String, _ text: String) throws {
            let full = scratch(String(path.dropFirst()))
            try Directory.make(String(full[..<(full.lastIndex(of: "/") ?? full.startIndex)]))
            try scratch.write(Array(text.utf8), to: String(path.dropFirst()))
        }

        func memory(addressSpace: Int? = nil, data: Int? = nil) -> AvailableMemory {
            AvailableMemory(root: scratch.path, addressSpaceLimit: addressSpace, dataLimit: data)
        }
    }

    struct AvailableMemoryTests {
        private static let mib = 1 << 20
        private static let version2 = "30 25 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n"
        private static let version1 =
            "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
            + "36 31 0:33 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"

        struct Case: CustomTestStringConvertible, Sendable {
            let name: String
            let files: [String: String]
            /// MiB.
            let available: Int
            let total: Int
            var limit = MemoryLimit.controlGroup
            var testDescription: String { name }
        }

        private static func group2(
            _ path: String, max: String = "max", high: String = "max", used: Int = 0, stat: String = ""
        ) -> [String: String] {
            let folder = "/sys/fs/cgroup" + path
            return [
                folder + "/memory.max": max + "\n", folder + "/memory.high": high + "\n",
                folder + "/memory.current": "\(used << 20)\n", folder + "/memory.stat": stat,
            ]
        }

        private static func group1(
            _ path: String, limit: String, used: Int = 0, stat: String = "", hierarchy: String = "1"
        ) -> [String: String] {
            let folder = "/sys/fs/cgroup/memory" + path
            return [
                folder + "/memory.limit_in_bytes": limit + "\n",
                folder + "/memory.usage_in_bytes": "\(used << 20)\n", folder + "/memory.stat": stat,
                folder + "/memory.use_hierarchy": hierarchy + "\n",
            ]
        }

        private static func system(
            _ groups: String, _ mounts: String, _ files: [String: String]...
        ) -> [String: String] {
            var all = ["/proc/self/cgroup": groups, "/proc/self/mountinfo": mounts]
            for files in files { all.merge(files) { _, new in new } }
            return all
        }

        private static let unlimited1 = "9223372036854771712"

        static let cases = [
            Case(name: "no groups", files: [:], available: 4096, total: 8192, limit: .machine),
            Case(
                name: "version 2",
                files: system("0::/job\n", version2, group2("/job", max: "209715200", used: 50)),
                available: 150, total: 200),
            Case(
                name: "version 2, no limit", files: system("0::/job\n", version2, group2("/job", used: 50)),
                available: 4096, total: 8192, limit: .machine),
            Case(
                name: "a group above is smaller",
                files: system(
                    "0::/a/b/c\n", version2, group2("/a", max: "104857600", used: 90),
                    group2("/a/b", max: "209715200", used: 20), group2("/a/b/c")),
                available: 10, total: 100),
            Case(
                name: "memory.high counts",
                files: system(
                    "0::/job\n", version2, group2("/job", max: "209715200", high: "104857600", used: 10)),
                available: 90, total: 100),
            Case(
                name: "cached files are free, shared memory is not",
                files: system(
                    "0::/job\n", version2,
                    group2(
                        "/job", max: "209715200", used: 180,
                        stat: """
                            anon 1
                            file 104857600
                            shmem 52428800
                            inactive_file 20971520
                            active_file 31457280
                            slab_reclaimable 10485760
                            """)),
                available: 80, total: 200),
            Case(
                name: "more used than allowed",
                files: system("0::/job\n", version2, group2("/job", max: "104857600", used: 200)),
                available: 0, total: 100),
            Case(
                name: "the group of a container, in a namespace of its own",
                files: system("0::/\n", version2, group2("", max: "104857600", used: 40)), available: 60,
                total: 100
            ),
            Case(
                name: "a group that only the host sees",
                files: system(
                    "0::/../../machine.slice/pod\n", version2, group2("", max: "104857600", used: 40),
                    [
                        "/sys/machine.slice/pod/memory.max": "1\n",
                        "/sys/machine.slice/pod/memory.current": "0\n",
                    ]),
                available: 60, total: 100),
            Case(
                name: "a group whose path is not there",
                files: system("0::/host/pod\n", version2, group2("", max: "104857600", used: 40)),
                available: 60, total: 100),
            Case(
                name: "version 1",
                files: system(
                    "4:memory:/job\n3:cpu:/\n0::/\n", version1,
                    group1(
                        "/job", limit: "134217728", used: 28,
                        stat: "inactive_file 5\ntotal_inactive_file 10485760\n"),
                    group1("", limit: unlimited1, used: 3000)),
                available: 110, total: 128),
            Case(
                name: "version 1, with another controller",
                files: system(
                    "4:cpu,memory:/job\n",
                    "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,cpu,memory\n",
                    group1("/job", limit: "134217728")),
                available: 128, total: 128),
            Case(
                name: "version 1, mounted into a container",
                files: system(
                    "4:memory:/docker/abc\n",
                    "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                    group1("", limit: "134217728", used: 8)),
                available: 120, total: 128),
            Case(
                name: "version 1, the name of another container begins alike",
                files: system(
                    "4:memory:/docker/abcdef\n",
                    "35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n",
                    group1("", limit: "134217728", used: 8), group1("/def", limit: "1")),
                available: 120, total: 128),
            Case(
                name: "version 1, a group above is charged",
                files: system(
                    "4:memory:/a/b\n", version1, group1("/a/b", limit: unlimited1),
                    group1("/a", limit: "134217728", used: 28)),
                available: 100, total: 128),
            Case(
                name: "version 1, a group above is not charged",
                files: system(
                    "4:memory:/a/b\n", version1, group1("/a/b", limit: "268435456"),
                    group1("/a", limit: "134217728", hierarchy: "0")),
                available: 256, total: 256),
            Case(
                name: "both versions",
                files: system(
                    "4:memory:/job\n0::/other\n",
                    version1 + "40 31 0:37 / /sys/fs/cgroup/unified rw - cgroup2 none rw\n",
                    group1("/job", limit: "134217728")),
                available: 128, total: 128),
            Case(
                name: "a mount point with a blank",
                files: system(
                    "0::/job\n", #"30 25 0:26 / /sys/fs/c\040group rw - cgroup2 none rw"# + "\n",
                    [
                        "/sys/fs/c group/job/memory.max": "104857600\n",
                        "/sys/fs/c group/job/memory.current": "0\n",
                    ]),
                available: 100, total: 100),
            Case(
                name: "absurd numbers",
                files: system(
                    "0::/job\n", version2,
                    group2(
                        "/job", max: "99999999999999999999999", used: 1,
                        stat: "inactive_file 18446744073709551615\nactive_file 18446744073709551615\n"),
                    ["/proc/meminfo": "MemTotal: 18446744073709551615 kB\nMemAvailable: 1048576 kB\n"]),
                available: 1024, total: .max >> 20, limit: .machine),
        ]

        @Test("what is left is the least of what the machine and the groups leave", arguments: cases)
        func groups(_ example: Case) throws {
            let system = try FakeSystem(example.files)
            let available = try #require(system.memory().available())
            #expect(available.bytes >> 20 == example.available && available.limit == example.limit)
            #expect(try #require(system.memory().total()).bytes >> 20 == example.total)
        }

        @Test("the limits of the process count from what it has mapped")
        func processLimits() throws {
            let system = try FakeSystem()
            defer { withExtendedLifetime(system) {} }
            let memory = system.memory(addressSpace: 200 << 20, data: 150 << 20)
            #expect(memory.available() == .init(bytes: 146 << 20, limit: .data))
            #expect(memory.total() == .init(bytes: 150 << 20, limit: .data))
            let space = system.memory(addressSpace: 100 << 20)
            #expect(space.available() == .init(bytes: 90 << 20, limit: .addressSpace))
            #expect(system.memory(addressSpace: 1).available()?.bytes == 0)
        }

        @Test("a system that tells nothing has no figure")
        func nothing() {
            let scratch = Scratch()
            defer { withExtendedLifetime(scratch) {} }
            let memory = AvailableMemory(root: scratch.path, addressSpaceLimit: nil, dataLimit: nil)
            #expect(memory.available() == nil && memory.total() == nil)
        }

        @Test("this system tells")
        func here() throws {
            let memory = AvailableMemory()
            let available = try #require(memory.available())
            let total = try #require(memory.total())
            #expect((1...total.bytes).contains(available.bytes))
        }

        @Test(
            "a new vault takes what fits, and it is said what kept it small",
            arguments: [
                (nil, 512, nil), (800, 200, .addressSpace), (90, 64, .addressSpace), (360, 90, .addressSpace),
            ] as [(Int?, UInt32, MemoryLimit?)])
        func calibration(addressSpace: Int?, most: UInt32, limit: MemoryLimit?) throws {
            let system = try FakeSystem()
            defer { withExtendedLifetime(system) {} }
            let memory = system.memory(addressSpace: addressSpace.map { $0 << 20 })
            // Little time, so that the least memory is taken.
            let cheap = try DerivationCost.calibration(memory, seconds: 0.001)
            #expect(cheap.cost == .cheapest)
            // Hours would buy all that there is.
            let rich = try DerivationCost.calibration(memory, seconds: 10_000)
            #expect(rich.cost.memory >> 10 == most)
            #expect(rich.scarcity?.limit == limit)
        }

        @Test("where not even the least fits, that is said with the figures")
        func tooSmall() throws {
            let system = try FakeSystem()
            defer { withExtendedLifetime(system) {} }
            let memory = system.memory(addressSpace: 80 << 20)
            let refused = reason { _ = try DerivationCost.calibration(memory) }
            #expect(
                refused == .notEnoughMemory(needed: 80 << 20, available: 70 << 20, limit: .addressSpace))
        }
    }
#endif
