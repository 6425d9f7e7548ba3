import AWSRequests
import AWSValues
import AgentProtocol
import CredentialVault
import ProgramSupport
import SecureMemory

/// The sessions of an unlocked vault: those that are there, and those that are being fetched.
final class SessionKeeper {
    let store: SessionStore
    /// By the fingerprint of what they fetch: one at a time for each session.
    private(set) var leases: [String: Lease] = [:]
    /// What the last request for a session failed with, and its number, for those who waited for it.
    private var failures: [String: (number: Int, failure: Failure)] = [:]
    private(set) var failureCount = 0
    private var hasChanged = false
    /// Seconds that AWS's clock is ahead, by host.
    private var skews: [String: Int64] = [:]

    init(_ store: SessionStore) { self.store = store }

    func skew(_ host: String) -> Int64 { skews[host] ?? 0 }
    func setSkew(_ seconds: Int64, _ host: String) {
        guard skews.count < 64 || skews[host] != nil else { return }
        // An answer takes its time on the way.
        skews[host] = abs(seconds) > 5 ? seconds : 0
    }

    /// The session that a step leads to, when it has long enough to live by AWS's clock.
    func fresh(_ step: SessionPlan.Step, _ now: Int64) -> HeldSession? {
        store.fresh(step.fingerprint, now + skew(step.endpoint.host))
    }

    // MARK: leases

    /// Whether somebody is fetching this session.
    func isFetched(_ fingerprint: String, _ now: Int64) -> Bool {
        guard let lease = leases[fingerprint] else { return false }
        if now < lease.deadline { return true }
        leases[fingerprint] = nil
        return false
    }

    /// Whether a lease has ended since this was asked last.
    func takeChange() -> Bool {
        defer { hasChanged = false }
        return hasChanged
    }

    func begin(_ lease: Lease) { leases[lease.step.fingerprint] = lease }

    /// Takes a lease back that this connection holds; nil when it has none of this id, or no more.
    func end(_ id: [UInt8], connection: Int, _ now: Int64) -> Lease? {
        guard let found = leases.first(where: { $0.value.id == id && $0.value.connection == connection })
        else { return nil }
        leases[found.key] = nil
        hasChanged = true
        return now < found.value.deadline ? found.value : nil
    }

    /// Gives up what a connection held that is gone.
    ///
    /// - Returns: whether it held anything.
    func release(connection: Int) -> Bool {
        let count = leases.count
        leases = leases.filter { $0.value.connection != connection }
        return leases.count != count
    }

    func fail(_ fingerprint: String, _ failure: Failure) {
        failureCount += 1
        if failures.count >= 256 { failures = [:] }
        failures[fingerprint] = (failureCount, failure)
    }

    /// What those get who have waited while a request failed.
    func failure(_ fingerprint: String, after waiting: Waiting?) -> Failure? {
        guard let waiting, let last = failures[fingerprint], last.number > waiting.failures else {
            return nil
        }
        return last.failure
    }
}
