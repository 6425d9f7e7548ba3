import AgentProtocol
import ArgumentParser
import CredentialVault
import Platform
import ProgramSupport
import VaultClient

struct Status: CommandWithExamples {
    static let configuration = CommandConfiguration(
        abstract: "Show whether the vault is unlocked, and until when.",
        discussion: """
            The exit status is 0 when unlocked, 1 when locked, 2 when no agent runs, and 3 when there is no vault.
            """)
    static let examples = [
        "sealring status",
        "sealring status --verbose",
    ]

    @OptionGroup(title: "Global options") var global: GlobalOptions

    @Flag(help: "Print JSON.")
    var json = false

    @Flag(help: "Show protections and other agents, too.")
    var verbose = false

    func run() throws {
        let facts = try show()
        if facts.exitStatus != 0 { throw ExitCode(facts.exitStatus) }
    }

    private func show() throws -> AgentFacts {
        let location = try global.location()
        let path = try Paths.absolute(location.path)
        var failures: [any Error] = []
        let known = try global.noAgent ? [] : KnownAgent.all(for: location, failures: &failures)
        // An agent that cannot be found may have the vault unlocked.
        if let first = failures.first { throw first }
        // An agent that serves another vault does not have this one.
        let serving = known.first { Paths.isSameVault($0.vault, path) }
        let agent = serving ?? known.first
        let found = Self.found(location)
        let facts = AgentFacts(
            vault: path, found: found, agent: agent, known: known, refusals: .kept())
        if case .vault(_, let freshness) = found, freshness != .current {
            Console.warn("the vault: \(freshness.text)")
            Console.hint(freshness.cure)
        }
        guard !json else {
            try Console.print(facts.json.text)
            return facts
        }
        let keys = EnvironmentKeys.warning.map { [["environment", $0]] } ?? []
        try Console.write(Table.text(facts.rows(isVerbose: verbose) + keys))
        if facts.isOtherVersion {
            Console.hint("restart the agent with 'sealring lock --stop' and 'sealring unlock'")
        }
        if let agent, agent.status == nil {
            Console.warn("an agent that may have the vault unlocked does not respond")
            Console.hint("lock it with 'sealring lock'")
        } else if let agent, serving == nil {
            Console.warn("the agent serves another vault, \(agent.vault.printable)")
            Console.hint("end it with 'sealring lock --stop'")
        }
        return facts
    }

    private static func found(_ location: VaultLocation) -> AgentFacts.Found {
        do {
            let sealed = try SealedVault.read(location)
            return .vault(generation: sealed.generation, sealed.apparentFreshness)
        } catch {
            if case .missing = error.reason { return .nothing }
            return .unusable(Failure(error))
        }
    }
}

/// What is told of the agent, in the order and under the keys that scripts rely on.
struct AgentFacts {
    /// What is at the vault's path.
    enum Found {
        case vault(generation: UInt64, Freshness)
        case nothing
        /// Damaged, or something that this user cannot read.
        case unusable(Failure)
    }

    let vault: String
    let found: Found
    /// The agent that serves the vault, or another one that was found.
    private let agent: AgentClient.Status?
    private let agentProcess: Int32?
    private let known: [KnownAgent]
    /// Nil where the agent does not tell.
    private let counts: (keys: UInt32, roles: UInt32)?
    /// Whether no agent hands keys of this vault out. One that gives no answer may.
    let isLocked: Bool
    let refusals: Refusals

    private var generation: UInt64? {
        if case .vault(let generation, _) = found { return generation }
        return nil
    }

    private var freshness: Freshness? {
        if case .vault(_, let freshness) = found { return freshness }
        return nil
    }

    /// 0 for an unlocked vault, 1 for a locked one, 2 where no agent runs, 3 where there is no vault.
    ///
    /// An agent that does not answer may have the vault unlocked, and counts as if it had.
    var exitStatus: Int32 {
        guard isLocked else { return 0 }
        if case .nothing = found { return 3 }
        return known.isEmpty ? 2 : 1
    }

    /// When the vault locks without use, which is no later than in any case.
    private var idleLocksAt: Int64? {
        guard let idle = agent?.idleLocksAt else { return nil }
        return min(idle, agent?.locksAt ?? idle)
    }

    private var state: String {
        if case .nothing = found, isLocked { return "no vault: run 'sealring init'" }
        guard !isLocked else { return "locked" }
        guard let end = agent?.locksAt else { return "unlocked" }
        let total = "unlocked until \(LocalTime.brief(end))"
        guard let idle = idleLocksAt, idle < end else { return total }
        return "\(total); locks at \(LocalTime.brief(idle)) without use"
    }

    /// What is wrong with the file. None has been made yet where it is missing and nothing is unlocked.
    private var problem: Failure? {
        switch found {
        case .vault: nil
        case .unusable(let failure): failure
        case .nothing:
            isLocked
                ? nil
                : Failure(
                    .missing, "no vault file at \(vault.printable)",
                    hint: "the agent cannot save: put the file back, or run 'sealring lock'")
        }
    }

    init(vault: String, found: Found, agent: KnownAgent?, known: [KnownAgent], refusals: Refusals) {
        self.vault = vault
        self.found = found
        self.refusals = refusals
        self.agent = agent?.status
        agentProcess = agent?.process
        self.known = known
        let isLocked = known.allSatisfy { agent in
            let isOther = !agent.vault.isEmpty && !Paths.isSameVault(agent.vault, vault)
            return isOther || agent.status?.isLocked == true
        }
        self.isLocked = isLocked
        counts = isLocked ? nil : agent?.counts()
    }

    private var isSilent: Bool { agent == nil && !known.isEmpty }

    var json: JSONText {
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

    func rows(isVerbose: Bool) -> [[String]] {
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

    /// Whether the agent was started before the programs were replaced: it works on, with the faults that it has.
    var isOtherVersion: Bool { agent.map { $0.version != "\(ProgramVersion.text)" } ?? false }

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
