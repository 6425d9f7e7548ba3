/// Where a process that changes something is killed: before or after one of the things that it does.
final class World {
    struct Killed: Error {}

    /// The number of the action, from 1, before or after which the process is killed.
    var kill: (number: Int, isAfter: Bool)?
    private(set) var isDead = false
    private(set) var actions: [String] = []
    /// Done before an action of this name, instead of it, or to it.
    var interference: [String: () throws -> Void] = [:]

    /// Begins a new process.
    func revive(kill: (number: Int, isAfter: Bool)? = nil) {
        self.kill = kill
        isDead = false
        actions = []
    }

    func act<Result: ~Copyable>(_ name: String, _ body: () throws -> Result) throws -> Result {
        guard !isDead else { throw Killed() }
        actions.append(name)
        let isHere = kill.map { $0.number == actions.count } ?? false
        if isHere, kill?.isAfter == false { throw die() }
        try interference[name]?()
        let result = try body()
        if isHere { throw die() }
        return result
    }

    private func die() -> Killed {
        isDead = true
        return Killed()
    }
}
