import Platform

/// What a program does to itself before the first secret enters it.
public enum ProcessHardening {
    /// A protection that the system refused, with the `errno`.
    public struct Refusal: Sendable, Equatable {
        /// The system call, for example `setrlimit`.
        public let call: String
        /// The `errno` of the refusal.
        public let code: Int32
    }

    /// Switches core dumps and inspection by other processes of the user off, lifts the limit on locked
    /// memory as far as the system allows, and gives crashes their default action.
    ///
    /// The last is needed because Swift's runtime can start any program that `SWIFT_BACKTRACE` names when
    /// the process crashes; with the default action it starts none.
    ///
    /// - Parameter keepsLimits: whether a program that this process becomes may have core dumps again.
    /// - Returns: what was refused; an empty array when everything is in force.
    @discardableResult
    public static func apply(keepsLimits: Bool = false) -> [Refusal] {
        var refusals: [Refusal] = []
        if platform_default_crashes() != 0 { refusals.append(Refusal(call: "signal", code: errno)) }
        let isForbidden = keepsLimits ? platform_forbid_own_core_dumps() : platform_forbid_core_dumps()
        if isForbidden != 0 { refusals.append(Refusal(call: "setrlimit", code: errno)) }
        if platform_forbid_inspection() != 0 { refusals.append(Refusal(call: "prctl", code: errno)) }
        // Not a protection: without it a large vault may be refused by `mlock`, with an error of its own.
        _ = platform_raise_locked_memory_limit()
        return refusals
    }

    /// The protections alone, for a program that needs no more than a page of locked
    /// memory, and has nobody to tell what was refused.
    package static func applyWithoutReport() {
        #if !hasFeature(Embedded)
            // Embedded Swift has no runtime that could set one.
            _ = platform_default_crashes()
        #endif
        _ = platform_forbid_core_dumps()
        _ = platform_forbid_inspection()
    }

    /// Whether another process traces this one.
    public enum Tracing: Sendable, Equatable {
        case none
        /// The process with this id does, and might read whatever this one gets to know.
        case by(Int32)
        /// The system does not tell, for example where `/proc` is not mounted.
        case unknown
    }

    /// Whether another process traces this one: what ``apply()`` switches off keeps out those who come later,
    /// and not one that attached between the start of the program and that.
    ///
    /// A process with root's right to trace any other is not told of a tracer, which would have the same
    /// right, and would not need to have come first.
    public static func tracing() -> Tracing {
        let process = platform_tracer()
        if process == 0 { return .none }
        if process < 0 { return .unknown }
        return platform_may_trace_all() != 0 ? .none : .by(Int32(truncatingIfNeeded: process))
    }

    /// Opens something useless where one of the standard streams is closed, so that nothing that is meant for
    /// it goes to a file or a socket that is opened later.
    ///
    /// - Returns: false when that cannot be done, and the program must not go on.
    public static func occupyClosedStreams() -> Bool { platform_occupy_streams() == 0 }
}
