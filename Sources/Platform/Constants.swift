// What the two C libraries spell differently.
#if canImport(Glibc)
    /// The flags of a socket that no child inherits, and that never blocks.
    package var closeOnExecNonBlocking: Int32 { Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue) }
    /// The flag of a mapping that no file backs.
    package var mapAnonymous: Int32 { MAP_ANONYMOUS }
#else
    package var closeOnExecNonBlocking: Int32 { 0 }
    package var mapAnonymous: Int32 { MAP_ANON }
#endif

/// Whether a signal with this action is ignored.
package func isIgnored(_ action: sigaction) -> Bool {
    #if canImport(Glibc)
        let handler = unsafe action.__sigaction_handler.sa_handler
    #else
        let handler = unsafe action.__sigaction_u.__sa_handler
    #endif
    return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
}
