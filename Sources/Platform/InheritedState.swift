/// What a process got from the one that started it, and changes for itself: a program that it becomes gets that back.
package struct InheritedState: Sendable {
    private let fileMask: mode_t
    private let ignoredSignals: UInt32
    private let coreLimit: UInt64
    private let lockedLimit: UInt64

    /// To be taken before anything is changed.
    package init() {
        fileMask = umask(0o077)
        ignoredSignals = platform_ignored_signals()
        var (core, locked) = (UInt64(0), UInt64(0))
        unsafe platform_soft_limits(&core, &locked)
        (coreLimit, lockedLimit) = (core, locked)
    }

    package func restore() {
        umask(fileMask)
        platform_restore_signals(ignoredSignals)
        platform_set_soft_limits(coreLimit, lockedLimit)
    }
}
