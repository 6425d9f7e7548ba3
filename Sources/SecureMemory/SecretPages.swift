import Platform

/// What pages this process wants for its secrets. Changed only while there is one thread.
package enum SecretPages {
    /// Whether pages are asked of `memfd_secret` first, which not even the kernel maps for itself. They cost
    /// more calls than locked ones: for a process that lives long.
    nonisolated(unsafe) package private(set) static var prefersHidden = false

    /// Whether pages are taken that the system does not lock, because the user said so.
    nonisolated(unsafe) package static var allowsUnlocked = false

    /// Prefers hidden pages from now on, where the kernel has them.
    ///
    /// - Returns: whether it has.
    package static func preferHidden() -> Bool {
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let probe = unsafe mmap(nil, page, PROT_NONE, MAP_PRIVATE | mapAnonymous, -1, 0)
        guard let probe = unsafe probe, unsafe probe != platform_map_failed() else { return false }
        defer { unsafe munmap(probe, page) }
        let isHidden = unsafe platform_map_hidden(probe, page) == 0
        // A limit that is too low is no lack of the kernel's: each allocation tries anew.
        unsafe prefersHidden = isHidden || errno == EAGAIN
        return isHidden
    }
}
