import Platform
import ProgramSupport

extension AgentFacts {
    package var json: JSONText {
        let unlocked = isLocked ? nil : agent
        return .object([
            ("vault", .string(vault)), ("generation", generation.map { .number(Int64(clamping: $0)) }),
            ("freshness", freshness.map { .string($0.word) }),
            ("problem", problem.map { .string($0.message) }), ("hint", problem?.hint.map { .string($0) }),
            ("agent", .string(agent != nil ? "running" : isSilent ? "silent" : "absent")),
            ("pid", agentProcess.map { .number(Int64($0)) }),
            ("agent_version", agent?.version.map { .string($0) }),
            ("agent_vault", agent.map { .string($0.vault) }), ("locked", .boolean(isLocked)),
            ("entries", unlocked.map { .number(Int64($0.entries)) }),
            ("keys", counts.map { .number(Int64($0.keys)) }),
            ("roles", counts.map { .number(Int64($0.roles)) }),
            ("locks_at", unlocked?.locksAt.map { .string(EntryFacts.time($0)) }),
            ("idle_locks_at", isLocked ? nil : idleLocksAt.map { .string(EntryFacts.time($0)) }),
            ("hardening", agent.map { .object($0.protections.map { ($0.name, .string($0.state)) }) }),
            ("agents", known.isEmpty ? nil : .array(known.map(Self.json))),
            ("refusals", refusals.json(isUnlocked: !isLocked)),
        ])
    }

    private static func json(_ agent: KnownAgent) -> JSONText {
        .object([
            ("pid", agent.process.map { .number(Int64($0)) }), ("socket", agent.socket.map { .string($0) }),
            ("vault", agent.vault.isEmpty ? nil : .string(agent.vault)),
            ("locked", agent.status.map { .boolean($0.isLocked) }),
        ])
    }

    package func rows(isVerbose: Bool) -> [[String]] {
        var rows = [["vault", vault.printable], ["state", state], ["agent", agentText]]
        if let problem { rows.append(["problem", problem.message]) }
        if let hint = problem?.hint { rows.append(["", hint]) }
        if isVerbose { rows += details }
        return rows + otherAgents + refusals.rows(isUnlocked: !isLocked)
    }

    private var agentText: String {
        if let agent { return "process \(agent.processID)" + (isOtherVersion ? ", of \(version)" : "") }
        guard isSilent else { return "none found" }
        let process = agentProcess.map { "process \($0)" } ?? "one in another container or on another machine"
        return "\(process), which does not respond"
    }

    private var version: String { agent?.version.map { "version \($0)" } ?? "an earlier version" }

    private var details: [[String]] {
        var rows: [[String]] = []
        if let generation { rows.append(["saves", String(generation)]) }
        guard let agent else { return rows }
        if !isLocked {
            rows.append(["entries", counts.map(Self.text) ?? String(agent.entries)])
            if let time = agent.locksAt { rows.append(["locks", Self.relative(time)]) }
            if let time = idleLocksAt { rows.append(["locks when idle", Self.relative(time)]) }
        }
        return rows + agent.protections.map { [$0.name.replacing("_", with: " "), $0.state] }
    }

    private static func text(_ counts: (keys: UInt32, roles: UInt32)) -> String {
        let (keys, roles) = counts
        return "\(keys) \(keys == 1 ? "key" : "keys"), \(roles) \(roles == 1 ? "role" : "roles")"
    }

    private var otherAgents: [[String]] {
        guard agent != nil else { return [] }
        return known.filter { $0.process != agentProcess }.map { other in
            let state = other.status.map { $0.isLocked ? "locked" : "unlocked" } ?? "does not respond"
            let vault = other.vault.isEmpty ? "" : ", \(other.vault.printable)"
            let process = other.process.map { "process \($0)" } ?? "elsewhere"
            return ["another agent", "\(process), \(state)\(vault)"]
        }
    }

    private static func relative(_ seconds: Int64) -> String {
        let left = max(seconds - UnixTime.now(), 0)
        // A started minute counts as a whole one.
        return "in \(ShownDuration.text((left + 59) / 60 * 60)), at \(LocalTime.brief(seconds))"
    }
}
