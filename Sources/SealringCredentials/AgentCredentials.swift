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

    /// The credentials of an entry or a role, of which nothing is asked yet.
    ///
    /// - Parameters:
    ///   - entry: the name in the vault.
    ///   - vault: the vault file; nil for the one that the environment names.
    ///   - programDirectory: where `sealring-aws` is; nil for the first directory in `PATH` that has it.
    public init(entry: String, vault: String? = nil, programDirectory: String? = nil) {
        self.entry = entry
        self.vault = vault
        self.programDirectory = programDirectory
    }

    /// Asks the agent, and waits for AWS where a session has to be fetched: for 20 seconds, and for an agent that
    /// does not respond up to a minute.
    ///
    /// A thread of its own waits, none of Swift's pool. A task that is cancelled stops waiting immediately.
    ///
    /// - Throws: ``AgentCredentialsError``, with a reason to act on and words to show.
    public func fetch() async throws(AgentCredentialsError) -> AWSCredentials {
        let question = AgentQuestion(self)
        return try await PendingCredentials().fetch { () throws(AgentCredentialsError) in
            try question.ask()
        }
    }
}
