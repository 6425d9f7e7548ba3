import AgentProtocol
import Platform

/// Credentials of an entry or a role, which the unlocked agent of the same user hands out.
///
/// ```swift
/// let credentials = try await AgentCredentials(entry: "prod").fetch()
/// ```
///
/// What comes is what AWS clients get through `credential_process`: the key itself, a session, or the credentials of
/// a role, as the entry says. Sessions are fetched by the agent's rules and shared with all other clients. Nothing is
/// cached here: ask again before ``AWSCredentials/timeLeft`` is over.
public struct AgentCredentials: Sendable {
    /// The name of an entry or a role in the vault.
    public let entry: String
    /// The vault file; nil for `SEALRING_VAULT`, else `~/.local/share/sealring/vault`.
    public let vault: String?
    /// The directory of `sealring-aws`, which carries requests for sessions and roles; nil for the first directory in
    /// `PATH` that has it. Entries that hand out the key itself do not need it.
    public let programDirectory: String?
    /// What the environment said when this value was made.
    let environment: EnvironmentCopy

    /// The credentials of an entry or a role. Nothing is asked yet.
    ///
    /// The environment and the working directory are read here, and never again: the variables `HOME`, `PATH`,
    /// `SEALRING_*`, `XDG_*` and those of proxies are copied. If your program changes its environment from another
    /// thread, with `setenv` for example, make this value before it does, or pass the variables.
    ///
    /// - Parameters:
    ///   - entry: the name in the vault.
    ///   - vault: the vault file; nil for the one that the environment names.
    ///   - programDirectory: where `sealring-aws` is; nil for the first directory in `PATH` that has it.
    ///   - environment: the variables to go by; nil for those of this process.
    public init(
        entry: String, vault: String? = nil, programDirectory: String? = nil,
        environment: [String: String]? = nil
    ) {
        self.entry = entry
        self.vault = vault
        self.programDirectory = programDirectory
        self.environment =
            environment.map { EnvironmentCopy(vault: vault, $0) } ?? EnvironmentCopy(vault: vault)
    }

    /// How long ``fetch(timeout:)`` takes at the most, unless you say otherwise: 25 seconds. That is enough to wait for
    /// another client's session, or to fetch one from AWS.
    public static var defaultTimeout: Duration { .milliseconds(Int64(Timeouts.fetch)) }

    /// Asks the agent, and waits for AWS where a session has to be fetched.
    ///
    /// A thread of its own waits, none of Swift's pool. A task that is cancelled stops waiting immediately.
    ///
    /// - Parameter timeout: for everything together. After it, the error has the reason
    ///   ``AgentCredentialsError/Reason/unavailable``.
    /// - Throws: ``AgentCredentialsError``, with a reason to act on and words to show.
    public func fetch(
        timeout: Duration = Self.defaultTimeout
    ) async throws(AgentCredentialsError) -> AWSCredentials {
        let limit = TimeLimit(timeout)
        return try await PendingCredentials().fetch(within: limit.whole) { () throws(AgentCredentialsError) in
            try AgentQuestion(self, until: limit.end).ask()
        }
    }
}

/// How long a task waits.
struct TimeLimit {
    let whole: Duration
    /// When its thread stops waiting, in milliseconds of `MonotonicClock`: a moment earlier, so that it can still say
    /// what it has waited for.
    let end: Int64

    init(_ timeout: Duration, now: Int64 = MonotonicClock.milliseconds()) {
        whole = min(max(timeout, .zero), .seconds(86_400))
        let milliseconds = whole / .milliseconds(1)
        end = now + Int64(milliseconds - min(milliseconds / 10, 500))
    }
}
