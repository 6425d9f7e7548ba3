import Platform

/// What bounds the memory of a process.
@nonexhaustive
public enum MemoryLimit: Sendable, Equatable {
    /// What the machine has.
    case machine
    /// The control group that the process runs in: a container, a systemd unit or a batch job.
    case controlGroup
    /// `ulimit -v`, the limit of the process's address space.
    case addressSpace
    /// `ulimit -d`, the limit of the process's data.
    case data
}

/// How much memory this process can take here and now without making the system swap, or end it.
struct AvailableMemory {
    /// Bytes, and the limit that sets them.
    struct Figure: Equatable, Sendable {
        var bytes: Int
        var limit: MemoryLimit
    }

    /// What the system says of the memory, read below a directory that tests replace.
    let files: SystemFiles
    /// `RLIMIT_AS` and `RLIMIT_DATA` in bytes; nil for none.
    let addressSpaceLimit: Int?
    let dataLimit: Int?

    init(root: String = "", addressSpaceLimit: Int?, dataLimit: Int?) {
        files = SystemFiles(root: root)
        self.addressSpaceLimit = addressSpaceLimit
        self.dataLimit = dataLimit
    }

    /// Of this process.
    init() {
        #if os(Linux)
            self.init(
                addressSpaceLimit: Self.limit(Int32(RLIMIT_AS.rawValue)),
                dataLimit: Self.limit(Int32(RLIMIT_DATA.rawValue)))
        #else
            self.init(addressSpaceLimit: nil, dataLimit: nil)
        #endif
    }

    /// What is left; nil where the system does not tell.
    func available() -> Figure? {
        let pages = files.processPages()
        return Self.least([
            (files.value("MemAvailable:", in: "/proc/meminfo").map(Self.bytes(kibibytes:)), .machine),
            (groups().compactMap { $0.available(files) }.min(), .controlGroup),
            (Self.left(of: addressSpaceLimit, pages?.all), .addressSpace),
            (Self.left(of: dataLimit, pages?.data), .data),
        ])
    }

    /// What there is when nothing is in use; nil where the system does not tell.
    func total() -> Figure? {
        Self.least([
            (files.value("MemTotal:", in: "/proc/meminfo").map(Self.bytes(kibibytes:)), .machine),
            (groups().compactMap { $0.limit(files) }.min(), .controlGroup),
            (addressSpaceLimit, .addressSpace), (dataLimit, .data),
        ])
    }

    private func groups() -> [ControlGroup] { ControlGroup.all(files) }

    private static func least(_ figures: [(bytes: Int?, limit: MemoryLimit)]) -> Figure? {
        figures.compactMap { figure in figure.bytes.map { Figure(bytes: $0, limit: figure.limit) } }
            .min { $0.bytes < $1.bytes }
    }

    private static func left(of limit: Int?, _ pages: Int?) -> Int? {
        guard let limit else { return nil }
        let used = (pages ?? 0).multipliedReportingOverflow(by: sysconf(Int32(_SC_PAGESIZE)))
        return used.overflow ? 0 : max(0, limit - used.partialValue)
    }

    private static func bytes(kibibytes: Int) -> Int {
        let bytes = kibibytes.multipliedReportingOverflow(by: 1024)
        return bytes.overflow ? .max : bytes.partialValue
    }

    #if os(Linux)
        private static func limit(_ resource: Int32) -> Int? {
            var limit = rlimit()
            guard unsafe getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(Int.max) else {
                return nil
            }
            return Int(limit.rlim_cur)
        }
    #endif
}
