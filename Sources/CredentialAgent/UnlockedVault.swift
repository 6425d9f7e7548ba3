import CredentialVault

/// A vault that is unlocked, and until when.
final class UnlockedVault {
    var vault: KeyedVault
    /// When it locks in any case, by `CLOCK_BOOTTIME`.
    let locksAt: Int64
    var lastUse: Int64
    private let idle: Int64
    private var keeper: SessionKeeper?
    /// The plans that were made of the file as it is, by name and purpose.
    private var plans: [PlanKey: SessionPlan] = [:]
    private var plannedMAC: [UInt8] = []

    private struct PlanKey: Hashable {
        let name: String
        let purpose: SessionPlan.Purpose
    }

    init(_ vault: consuming KeyedVault, idle: UInt32, total: UInt32, now: Int64) {
        self.vault = vault
        self.idle = Int64(idle)
        locksAt = now + Int64(total)
        lastUse = now
    }

    /// The sessions, read from the state directory at the first need.
    func sessionKeeper(_ now: Int64) throws -> SessionKeeper {
        if let keeper { return keeper }
        let made = SessionKeeper(try SessionStore(vault, now: now))
        keeper = made
        return made
    }

    /// Goes on with the sessions of the same vault under the same key.
    func takeSessions(of other: UnlockedVault) {
        guard other.vault.keyID == vault.keyID, other.vault.vaultID == vault.vaultID else { return }
        keeper = other.keeper
    }

    func takeChange() -> Bool { keeper?.takeChange() ?? false }

    func release(connection: Int) -> Bool { keeper?.release(connection: connection) ?? false }

    func holdsLease(connection: Int, _ now: Int64) -> Bool {
        keeper?.leases.contains { $0.value.connection == connection && now < $0.value.deadline } ?? false
    }

    /// How the credentials behind a name are had.
    func plan(_ name: String, _ purpose: SessionPlan.Purpose, sessionName: String) throws -> SessionPlan {
        if plannedMAC != vault.headerMAC || plans.count >= 256 {
            plans = [:]
            plannedMAC = vault.headerMAC
        }
        let place = PlanKey(name: name, purpose: purpose)
        if let plan = plans[place] { return plan }
        let plan = try SessionPlan(name, purpose, in: &vault, sessionName: sessionName)
        plans[place] = plan
        return plan
    }

    /// When it locks if nobody asks for anything.
    var idleLocksAt: Int64 { lastUse + idle }
    var deadline: Int64 { min(locksAt, idleLocksAt) }
}
