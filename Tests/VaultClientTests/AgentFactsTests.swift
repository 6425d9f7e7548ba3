import AgentProtocol
import CredentialVault
import ProgramSupport
import Testing

@testable import VaultClient

/// What `status` makes of the agents and of the file that it finds.
struct AgentFactsTests {
    private static let vault = "/made-up/vault"

    private static func agent(
        _ process: Int32 = 1, vault: String = vault, isLocked: Bool = false, locksAt: Int64? = nil,
        idleLocksAt: Int64? = nil, version: String? = "\(ProgramVersion.text)"
    ) -> KnownAgent {
        let status = AgentClient.Status(
            processID: UInt32(process), vault: vault, isLocked: isLocked, generation: 3, locksAt: locksAt,
            idleLocksAt: idleLocksAt, entries: 2, version: version, protections: [("core_dumps", "off")])
        return KnownAgent(process: process, socket: "/s\(process)", status: status, vault: vault)
    }

    private static func silent(_ vault: String) -> KnownAgent {
        KnownAgent(process: 9, socket: "/s9", status: nil, vault: vault)
    }

    private static func facts(
        _ known: [KnownAgent], _ found: AgentFacts.Found = .vault(generation: 3, .current)
    ) -> AgentFacts {
        AgentFacts(vault: vault, found: found, known: known, refusals: Refusals(all: [])) { _ in (1, 1) }
    }

    private static func warnings(_ facts: AgentFacts) -> [String] {
        let recorder = Recorder()
        facts.warnOfFile(recorder)
        facts.warnOfAgent(recorder)
        return recorder.said
    }

    @Test("the exit status tells an unlocked vault from a locked one, from no agent and from no vault")
    func exitStatus() {
        let (locked, other) = (Self.agent(isLocked: true), Self.agent(2, vault: "/other"))
        #expect(Self.facts([Self.agent()]).exitStatus == 0)
        #expect(Self.facts([locked]).exitStatus == 1)
        #expect(Self.facts([]).exitStatus == 2)
        #expect(Self.facts([], .nothing).exitStatus == 3)
        #expect(Self.facts([locked], .nothing).exitStatus == 3)
        // One agent of several that has it is enough, and what serves another vault has not.
        #expect(Self.facts([locked, Self.agent(3)]).exitStatus == 0)
        #expect(Self.facts([other]).exitStatus == 1)
        // Its file is gone, and its keys are handed out.
        #expect(Self.facts([Self.agent()], .nothing).exitStatus == 0)
    }

    @Test("an agent that gives no answer may have the vault unlocked", arguments: [vault, "", "/other"])
    func silence(vault: String) {
        let facts = Self.facts([Self.silent(vault)])
        #expect(facts.exitStatus == (vault == "/other" ? 1 : 0))
        #expect(
            Self.warnings(facts) == [
                "warning: an agent that may have the vault unlocked does not respond",
                "hint: lock it with 'sealring lock'",
            ])
        #expect(facts.json.text.contains(#""agent":"silent","pid":9"#))
    }

    @Test("the agent that serves the vault is shown, whichever was found first")
    func serving() {
        let other = Self.agent(2, vault: "/other")
        let facts = Self.facts([other, Self.agent(1)])
        #expect(facts.rows(isVerbose: false)[2] == ["agent", "process 1"])
        #expect(facts.rows(isVerbose: false).last == ["another agent", "process 2, unlocked, /other"])
        #expect(Self.warnings(facts).isEmpty)
        #expect(Self.warnings(Self.facts([other])).first == "warning: the agent serves another vault, /other")
    }

    @Test("an agent of another version is named", arguments: [nil, "0.0"])
    func versions(version: String?) {
        let facts = Self.facts([Self.agent(version: version)])
        #expect(
            facts.rows(isVerbose: false)[2][1].hasSuffix(
                version.map { ", of version \($0)" } ?? ", of an earlier version"))
        #expect(Self.warnings(facts).first?.hasPrefix("hint: restart the agent") == true)
    }

    @Test("a vault locks without use no later than in any case")
    func times() {
        let sooner = Self.facts([Self.agent(locksAt: 2000, idleLocksAt: 1000)])
        #expect(sooner.idleLocksAt == 1000 && sooner.state.contains("without use"))
        let later = Self.facts([Self.agent(locksAt: 1000, idleLocksAt: 2000)])
        #expect(later.idleLocksAt == 1000 && !later.state.contains("without use"))
        #expect(Self.facts([Self.agent(isLocked: true)]).state == "locked")
        #expect(Self.facts([Self.agent()]).state == "unlocked")
        #expect(Self.facts([], .nothing).state == "no vault: run 'sealring init'")
    }

    @Test("what is wrong with the file is said, and its missing only while it is unlocked")
    func problems() {
        let damaged = Failure(.malformed, "it is damaged", hint: "restore it")
        let facts = Self.facts([], .unusable(damaged))
        #expect(facts.rows(isVerbose: false)[3...] == [["problem", "it is damaged"], ["", "restore it"]])
        #expect(facts.json.text.contains(#""problem":"it is damaged","hint":"restore it""#))
        #expect(Self.facts([], .nothing).rows(isVerbose: false).count == 3)
        let gone = Self.facts([Self.agent()], .nothing).rows(isVerbose: false)
        #expect(gone[3] == ["problem", "no vault file at /made-up/vault"])
    }

    @Test("an older file is warned of")
    func freshness() {
        let older = Freshness.rollback(seen: 4, found: 3)
        let facts = Self.facts([], .vault(generation: 3, older))
        #expect(Self.warnings(facts) == ["warning: the vault: \(older.text)", "hint: \(older.cure)"])
        #expect(facts.json.text.contains(#""generation":3,"freshness":"\#(older.word)""#))
    }

    @Test("what is in the vault is told only while it is unlocked")
    func counts() {
        let unlocked = Self.facts([Self.agent()])
        #expect(unlocked.rows(isVerbose: true).contains(["entries", "1 key, 1 role"]))
        #expect(unlocked.json.text.contains(#""entries":2,"keys":1,"roles":1"#))
        let locked = Self.facts([Self.agent(isLocked: true)])
        #expect(!locked.json.text.contains("keys") && !locked.json.text.contains("entries"))
        #expect(!locked.rows(isVerbose: true).contains { $0[0] == "entries" })
        #expect(locked.rows(isVerbose: true).contains(["core dumps", "off"]))
    }
}
