/// Shares the agent's time between the processes that ask: one that has taken much waits for those that have not.
///
/// Times are microseconds of a monotonic clock.
struct Turns {
    /// Until when a process has used up what it may have while others wait.
    private var busyUntil: [Int32: Int64] = [:]

    /// A process may use a fourth of the time before it gives way.
    private static let weight: Int64 = 4
    /// What a process may be behind by and is still served as soon as it connects.
    static let burst: Int64 = 20_000
    /// The most that a process can be behind, so that nobody waits for ever.
    static let debtLimit: Int64 = 1_000_000
    /// The most processes that are remembered.
    private static let countLimit = 1024

    /// How far a process is behind; 0 for one that has asked for little.
    func debt(_ process: Int32, _ now: Int64) -> Int64 { max((busyUntil[process] ?? now) - now, 0) }

    /// Counts what a request has cost.
    mutating func charge(_ process: Int32, _ cost: Int64, _ now: Int64) {
        if busyUntil.count >= Self.countLimit {
            busyUntil = busyUntil.filter { $0.value > now }
            // As many that are all behind are a flood: the order among them does not matter.
            if busyUntil.count >= Self.countLimit { busyUntil = [:] }
        }
        busyUntil[process] = min(
            max(busyUntil[process] ?? now, now) + max(cost, 0) * Self.weight, now + Self.debtLimit)
    }
}

/// Which connection makes room when there are too many.
enum Displacement {
    struct Occupant: Equatable {
        let descriptor: Int32
        /// The process that made the connection.
        let process: Int32
        let lastHeard: Int64
        /// Tells which of two came first.
        let number: Int
        /// Whether it has sent a whole request.
        let hasAsked: Bool
        /// Whether it waits for what another client fetches from AWS.
        let isWaiting: Bool
        /// Whether it is asking AWS for others too.
        let holdsLease: Bool
    }

    /// The one of the process that has most connections which is missed least; nil when none can go.
    ///
    /// A client that holds a lease is spared (a few of a process, that is), and so is one that waits, unless its
    /// process has more of them.
    static func victim(of occupants: [Occupant]) -> Int32? {
        var leases: [Int32: Int] = [:]
        for occupant in occupants where occupant.holdsLease { leases[occupant.process, default: 0] += 1 }
        let displaceable = occupants.filter { !$0.holdsLease || (leases[$0.process] ?? 0) > leaseLimit }
        var counts: [Int32: Int] = [:]
        for occupant in displaceable { counts[occupant.process, default: 0] += 1 }
        guard let most = counts.values.max() else { return nil }
        let candidates = displaceable.filter { counts[$0.process] == most && (most > 1 || !$0.isWaiting) }
        return candidates.min { rank($0) < rank($1) }?.descriptor
    }

    /// The most leases of one process that protect its connections: no process fetches more sessions in parallel.
    static let leaseLimit = 8

    private static func rank(_ occupant: Occupant) -> (Int, Int, Int64, Int) {
        (
            occupant.isWaiting ? 1 : 0, occupant.hasAsked ? 1 : 0, occupant.lastHeard, occupant.number
        )
    }
}
