import SecureMemory

/// The bytes of a hexadecimal text.
func bytes(_ hexadecimal: String) -> [UInt8] {
    let digits = hexadecimal.utf8.map { UInt8($0 > 57 ? $0 - 87 : $0 - 48) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

#if os(Linux)
    import Glibc

    /// Lets this process map no more than `more` bytes beyond what it has.
    func limitAddressSpace(toMore more: UInt) -> Bool {
        var now = [CChar](repeating: 0, count: 64)
        let file = unsafe open("/proc/self/statm", O_RDONLY)
        defer { close(file) }
        guard unsafe read(file, &now, now.count) > 0 else { return false }
        let pages = UInt(String(decoding: now.prefix { $0 != 32 }.map { UInt8($0) }, as: UTF8.self)) ?? 0
        let most = pages * UInt(sysconf(Int32(_SC_PAGESIZE))) + more
        var limit = rlimit(rlim_cur: most, rlim_max: most)
        return unsafe setrlimit(Int32(RLIMIT_AS.rawValue), &limit) == 0
    }
#endif
