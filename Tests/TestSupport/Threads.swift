import Platform

/// Runs `body` beside the caller in a thread of its own: the few that run tasks may all be blocked.
package func inThread(_ body: @escaping @Sendable () -> Void) { pthread_detach(started(Work(body))) }

/// Runs `body` in a thread of its own and waits for it. Landlock and seccomp bind only that thread, so that the rest of
/// the process can look at what became of it, and tidy up.
package func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> Result {
    let work = Work(body)
    pthread_join(started(work), nil)
    guard let result = work.result else { preconditionFailure("the thread was joined") }
    return result
}

private func started(_ work: AnyWork) -> pthread_t {
    var thread = pthread_t()
    let started = unsafe pthread_create(
        &thread, nil,
        { raw in
            if let raw = unsafe raw { unsafe Unmanaged<AnyWork>.fromOpaque(raw).takeRetainedValue().run() }
            return nil
        }, Unmanaged.passRetained(work).toOpaque())
    precondition(started == 0, "no thread")
    return thread
}

private class AnyWork {
    func run() {}
}

private final class Work<Result>: AnyWork {
    private let body: @Sendable () -> Result
    private(set) var result: Result?

    init(_ body: @escaping @Sendable () -> Result) { self.body = body }

    override func run() { result = body() }
}
