import ArgumentParser
import CredentialVault
import ProgramSupport

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Tell whether the vault is unlocked, until when, and what protects it.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let location = try global.location()
        let path = try Paths.absolute(location.path)
        let agent = try global.noAgent ? nil : AgentClient.connect()?.status()
        // An agent that serves another vault does not have this one.
        let isServed = agent.map { $0.vault == path } ?? false
        let facts = AgentFacts(
            vault: path, found: Self.found(location), agent: agent,
            isLocked: !isServed || agent?.isLocked ?? true, refusals: .kept())
        if json { return try Console.print(facts.json.text) }
        let keys = EnvironmentKeys.warning.map { [["environment", $0]] } ?? []
        try Console.write(Table.text(facts.rows + keys))
        if let other = agent?.vault, !isServed {
            Console.warn("the agent serves another vault, \(other.printable)")
            Console.hint("end it with 'sealring lock --stop'")
        }
    }

    private static func found(_ location: VaultLocation) -> AgentFacts.Found {
        do {
            return .vault(generation: try SealedVault.read(location).generation)
        } catch {
            if case .missing = error.reason { return .nothing }
            return .unreadable
        }
    }
}

/// What is told of the agent, in the order and under the keys that scripts rely on.
struct AgentFacts {
    /// What is at the vault's path.
    enum Found {
        case vault(generation: UInt64)
        case nothing
        case unreadable
    }

    let vault: String
    let found: Found
    let agent: AgentClient.Status?
    let isLocked: Bool
    let refusals: Refusals

    private var generation: UInt64? {
        if case .vault(let generation) = found { return generation }
        return nil
    }

    private var state: String {
        if case .nothing = found { return "no vault: run 'sealring init'" }
        return isLocked ? "locked" : "unlocked"
    }

    var json: JSONText {
        let unlocked = isLocked ? nil : agent
        return .object([
            ("vault", .string(vault)), ("generation", generation.map { .number(Int64(clamping: $0)) }),
            ("agent", .string(agent == nil ? "absent" : "running")),
            ("pid", agent.map { .number(Int64($0.processID)) }),
            ("agent_vault", agent.map { .string($0.vault) }), ("locked", .boolean(isLocked)),
            ("entries", unlocked.map { .number(Int64($0.entries)) }),
            ("locks_at", unlocked?.locksAt.map { .string(EntryFacts.time($0)) }),
            ("idle_locks_at", unlocked?.idleLocksAt.map { .string(EntryFacts.time($0)) }),
            ("hardening", agent.map { .object($0.protections.map { ($0.name, .string($0.state)) }) }),
            ("refusals", refusals.json),
        ])
    }

    var rows: [[String]] {
        var rows = [["vault", vault.printable], ["state", state]]
        if let generation { rows.append(["generation", String(generation)]) }
        guard let agent else { return rows + [["agent", "none runs"]] + refusals.rows }
        rows.append(["agent", "process \(agent.processID)"])
        if !isLocked {
            rows.append(["entries", String(agent.entries)])
            if let time = agent.locksAt { rows.append(["locks", Self.relative(time)]) }
            if let time = agent.idleLocksAt { rows.append(["locks when idle", Self.relative(time)]) }
        }
        return rows + agent.protections.map { [$0.name.replacing("_", with: " "), $0.state] } + refusals.rows
    }

    private static func relative(_ seconds: Int64) -> String {
        let left = max(seconds - Int64(time(nil)), 0)
        let minutes = (left + 59) / 60
        let text = minutes >= 60 ? "\(minutes / 60) h \(minutes % 60) min" : "\(minutes) min"
        return "in \(text), at \(EntryFacts.time(seconds))"
    }
}
