import AgentProtocol
import CredentialVault
import Platform
import ProgramSupport

/// What is told of the agent, in the order and under the keys that scripts rely on.
package struct AgentFacts {
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
    let agent: AgentClient.Status?
    let agentProcess: Int32?
    let known: [KnownAgent]
    /// Whether the agent that was found serves another vault, which it names.
    private let otherVault: String?
    /// Nil where the agent does not tell.
    let counts: (keys: UInt32, roles: UInt32)?
    /// Whether no agent hands keys of this vault out. One that gives no answer may.
    let isLocked: Bool
    let refusals: Refusals

    var generation: UInt64? {
        if case .vault(let generation, _) = found { return generation }
        return nil
    }

    var freshness: Freshness? {
        if case .vault(_, let freshness) = found { return freshness }
        return nil
    }

    /// 0 for an unlocked vault, 1 for a locked one, 2 where no agent runs, 3 where there is no vault.
    ///
    /// An agent that does not answer may have the vault unlocked, and counts as if it had.
    package var exitStatus: Int32 {
        guard isLocked else { return 0 }
        if case .nothing = found { return 3 }
        return known.isEmpty ? 2 : 1
    }

    /// When the vault locks without use, which is no later than in any case.
    var idleLocksAt: Int64? {
        guard let idle = agent?.idleLocksAt else { return nil }
        return min(idle, agent?.locksAt ?? idle)
    }

    var state: String {
        if case .nothing = found, isLocked { return "no vault: run 'sealring init'" }
        guard !isLocked else { return "locked" }
        guard let end = agent?.locksAt else { return "unlocked" }
        let total = "unlocked until \(LocalTime.brief(end))"
        guard let idle = idleLocksAt, idle < end else { return total }
        return "\(total); locks at \(LocalTime.brief(idle)) without use"
    }

    /// What is wrong with the file. None has been made yet where it is missing and nothing is unlocked.
    var problem: Failure? {
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

    /// - Parameters:
    ///   - known: all agents that were found, that of the environment first.
    ///   - count: asks an agent how many keys and roles its vault has.
    init(
        vault: String, found: Found, known: [KnownAgent], refusals: Refusals,
        counting count: (KnownAgent) -> (keys: UInt32, roles: UInt32)? = { $0.counts() }
    ) {
        self.vault = vault
        self.found = found
        self.refusals = refusals
        self.known = known
        // An agent that serves another vault does not have this one.
        let serving = known.first { Paths.isSameVault($0.vault, vault) }
        let agent = serving ?? known.first
        self.agent = agent?.status
        agentProcess = agent?.process
        otherVault = serving == nil ? agent?.vault : nil
        let isLocked = known.allSatisfy { agent in
            let isOther = !agent.vault.isEmpty && !Paths.isSameVault(agent.vault, vault)
            return isOther || agent.status?.isLocked == true
        }
        self.isLocked = isLocked
        counts = isLocked ? nil : agent.flatMap(count)
    }

    /// Looks for the agents, and at the vault's file.
    package static func find(_ client: Client) throws -> AgentFacts {
        var failures: [any Error] = []
        let known =
            try client.usesAgent ? KnownAgent.all(for: client.location, failures: &failures) : []
        // An agent that cannot be found may have the vault unlocked.
        if let first = failures.first { throw first }
        return AgentFacts(
            vault: try Paths.absolute(client.location.path), found: Found(client.location), known: known,
            refusals: .kept())
    }

    package func warnOfFile(_ conversation: any Conversation) {
        guard let freshness, freshness != .current else { return }
        conversation.warn("the vault: \(freshness.text)")
        conversation.hint(freshness.cure)
    }

    package func warnOfAgent(_ conversation: any Conversation) {
        if isOtherVersion {
            conversation.hint("restart the agent with 'sealring lock --stop' and 'sealring unlock'")
        }
        if isSilent {
            conversation.warn("an agent that may have the vault unlocked does not respond")
            conversation.hint("lock it with 'sealring lock'")
        } else if let otherVault {
            conversation.warn("the agent serves another vault, \(otherVault.printable)")
            conversation.hint("stop it with 'sealring lock --stop'")
        }
    }

    /// Whether an agent was found that does not respond.
    var isSilent: Bool { agent == nil && !known.isEmpty }

    /// Whether the agent was started before the programs were replaced: it works on, with the faults that it has.
    var isOtherVersion: Bool { agent.map { $0.version != "\(ProgramVersion.text)" } ?? false }
}

extension AgentFacts.Found {
    fileprivate init(_ location: VaultLocation) {
        do throws(VaultError) {
            let sealed = try SealedVault.read(location)
            self = .vault(generation: sealed.generation, sealed.apparentFreshness)
        } catch {
            if case .missing = error.reason { self = .nothing } else { self = .unusable(Failure(error)) }
        }
    }
}
