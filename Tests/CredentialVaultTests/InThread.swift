#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

private final class Work: Sendable {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

/// Runs `body` beside the caller in a thread of its own: the few that run tasks may all be blocked.
func inThread(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let work = unsafe Unmanaged.passRetained(Work(body)).toOpaque()
    let started = unsafe pthread_create(
        &thread, nil,
        { work in
            if let work = unsafe work { unsafe Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body() }
            return nil
        }, work)
    precondition(started == 0, "no thread")
    pthread_detach(thread)
}
