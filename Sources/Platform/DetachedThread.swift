#if !hasFeature(Embedded)
    /// A thread that runs one function, and ends.
    package enum DetachedThread {
        /// Runs `body` on a thread of its own, where a write to a closed pipe is an error and no signal.
        ///
        /// - Returns: false when the system has no thread to give.
        package static func run(_ body: @escaping @Sendable () -> Void) -> Bool {
            let work = unsafe Unmanaged.passRetained(Work(body)).toOpaque()
            #if os(Linux)
                var thread = pthread_t()
            #else
                var thread: pthread_t?
            #endif
            guard unsafe pthread_create(&thread, nil, startWork, work) == 0 else {
                unsafe Unmanaged<Work>.fromOpaque(work).release()
                return false
            }
            #if os(Linux)
                pthread_detach(thread)
            #else
                if let thread = unsafe thread { unsafe pthread_detach(thread) }
            #endif
            return true
        }
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    #if os(Linux)
        private func startWork(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
            if let work = unsafe work { unsafe run(work) }
            return nil
        }
    #else
        private func startWork(_ work: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
            unsafe run(work)
            return nil
        }
    #endif

    private func run(_ work: UnsafeMutableRawPointer) {
        var pipe = sigset_t()
        unsafe sigemptyset(&pipe)
        unsafe sigaddset(&pipe, SIGPIPE)
        unsafe pthread_sigmask(SIG_BLOCK, &pipe, nil)
        unsafe Unmanaged<Work>.fromOpaque(work).takeRetainedValue().body()
    }
#endif
