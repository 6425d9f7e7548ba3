import AgentProtocol
import VaultCrypto

/// What a request comes down to once the sessions that it needs are there.
enum Goal: Equatable {
    /// The line for AWS clients.
    case credentials
    /// A signed request of the client's choice.
    case call(SignedCall)
}

/// What a client has signed.
struct SignedCall: Equatable {
    let call: AgentMessage.Call
    let signer: AgentMessage.Signer
    let argument: String
    /// Seconds that AWS's clock is ahead of ours.
    let skew: Int64
}

/// A request to AWS that was handed to a client, and whose result others may wait for.
struct Lease {
    let id: [UInt8]
    let connection: Int
    let name: String
    let goal: Goal
    let step: SessionPlan.Step
    /// When somebody else may have it, by the clock of boot.
    let deadline: Int64
    /// The skew that the request was signed with.
    let skew: Int64
    /// Whether it was signed again because of the skew.
    let isSecond: Bool
    /// Unix seconds by our clock.
    let signedAt: Int64

    static let seconds = Int64(Timeouts.lease / 1000)
    /// What the program that speaks to AWS may take, so that its failure still comes in time.
    static let milliseconds = UInt32(Timeouts.leaseExchange)

    static func randomID() -> [UInt8] { Sodium.randomPublicBytes(16) }
}

/// Since when a request waits for what another client fetches.
package struct Waiting: Equatable {
    /// By the clock of boot.
    let since: Int64
    /// How many requests to AWS had failed then.
    let failures: Int
    /// What a delivery went on with: its lease is taken, and it is not read again.
    var rest: Rest?

    struct Rest: Equatable {
        let goal: Goal
        let name: String
    }

    /// How long a client waits, in seconds.
    static let limit = Int64(Timeouts.waiting / 1000)

    init(since: Int64, failures: Int) {
        self.since = since
        self.failures = failures
    }
}
