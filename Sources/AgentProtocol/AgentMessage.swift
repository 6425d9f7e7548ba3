/// The messages between the agent and its clients.
///
/// A frame is `u32 length ‖ u8 version ‖ u8 kind ‖ fields`, where the length counts what follows it and each
/// field is `u32 length ‖ value`. Integers are unsigned and little-endian. A kind has exactly the fields that
/// are listed here, in this order; an absent value is an empty field. The numbers 5 and 68 belonged to a request
/// that handed long-lived secrets out, and are not used again.
package enum AgentMessage {
    package static let version: UInt8 = 1
    /// The most that a frame's length may say.
    package static let frameLimit = 64 << 10
    /// The bytes of a frame before its fields.
    package static let headCount = 6
    /// The most bytes of a part of an image, and of a page of entries.
    package static let partLimit = 60 << 10

    /// What a client asks for, one request at a time over a connection.
    package enum Request: UInt8, Sendable {
        /// No fields. Answered by ``Answer/status``.
        case status = 1
        /// Vault path · vault key (32) · idle seconds (u32) · seconds in all (u32) · flags (u32).
        /// Answered by ``Answer/done``.
        case unlock = 2
        /// No fields. Answered by ``Answer/done``, locked or not.
        case lock = 3
        /// Vault path · name of an entry or a role · code of an MFA device. Answered by ``Answer/json``, or first
        /// by ``Answer/lease`` or ``Answer/codeNeeded``.
        case credentials = 4
        /// Vault path · number of entries to pass over (u32). Answered by ``Answer/entries``.
        case list = 6
        /// Vault path · MAC of the header that the client read (32) · flags (u32). Answered by
        /// ``Answer/done``; forgets what an earlier one began on this connection.
        case begin = 7
        /// Change (u8) · entry's name · entry as ``Answer/entries`` has it · secret access key · session token.
        /// Answered by ``Answer/done``.
        case change = 8
        /// No fields. Answered by ``Answer/image`` and its parts.
        case commit = 9
        /// No fields. The agent locks and ends. Answered by ``Answer/done``.
        case stop = 10
        /// Id of the lease (16) · the reply of the program that speaks to AWS. Answered as the request that the
        /// lease was an answer to.
        case deliver = 11
        /// Vault path · name of an entry or a role · ``Call`` (u8) · ``Signer`` (u8) · argument · code of an MFA
        /// device · seconds that AWS's clock is ahead (i64). Answered by ``Answer/signed``, or first by
        /// ``Answer/lease`` or ``Answer/codeNeeded``.
        case call = 12
        /// Vault path · name of an entry or a role, empty for all. Forgets sessions. Answered by
        /// ``Answer/forgotten``.
        case clear = 13
        /// Vault path · entry's name · secret access key · session token. Answered by ``Answer/comparison``:
        /// the sealed secrets do not leave for it.
        case compare = 14
        /// See ``DescribeRequest``: an agent that does not know it closes the connection.
        case describe = 15
    }

    /// What the agent answers.
    package enum Answer: UInt8, Sendable {
        /// No fields.
        case done = 64
        /// Exit code (u32) · message · cure. Both are text of at most 512 bytes without control characters.
        case error = 65
        /// Process id (u32) · vault path · whether it is locked (u8) · generation (u64) · Unix seconds of the
        /// lock in any case (u64) and when idle (u64) · entries (u32) · protections, one `name=state` a line.
        case status = 66
        /// The line that AWS clients read.
        case json = 67
        /// MAC of the header (32) · how fresh the file is: 0 current, 1 rollback, 2 fork (u8) · generation
        /// seen (u64) · generation found (u64) · number of entries in all (u32) · one field for each entry.
        case entries = 69
        /// Size of the image (u32) · key id (32) · whether the previous file must go (u8). The parts follow.
        case image = 70
        /// Bytes of the image, in order.
        case part = 71
        /// Id of the lease (16) · request for the program that speaks to AWS. What came of it is to be
        /// delivered within ten seconds.
        case lease = 72
        /// The MFA device whose code must come with the request.
        case codeNeeded = 73
        /// Request for the program that speaks to AWS, whose reply is for the client itself · whose credentials
        /// signed it: access key id · ARN, empty when unknown · host.
        case signed = 74
        /// Number of sessions (u32).
        case forgotten = 75
        /// No fields. Somebody else is fetching what this request needs: the answer follows, within 20 seconds.
        case waiting = 76
        /// Whether both secrets are the entry's (u8).
        case comparison = 77
    }

    /// The requests to AWS that a client can have signed, and what their argument is.
    package enum Call: UInt8, Sendable {
        /// No argument.
        case getCallerIdentity = 1
        /// The marker of an earlier answer, or nothing; of the user that owns the key, as all below.
        case listAccessKeys = 2
        case createAccessKey = 3
        /// The id of a key.
        case activateAccessKey = 4
        case deactivateAccessKey = 5
        case deleteAccessKey = 6
        case getAccessKeyLastUsed = 7
        /// Seconds for the console, in digits: the request for a token that opens it.
        case getSigninToken = 8

        /// Whether it goes to IAM, which takes few sessions.
        package var isOfIAM: Bool { self != .getCallerIdentity && self != .getSigninToken }
    }

    /// Whose credentials sign a request.
    package enum Signer: UInt8, Sendable {
        /// The entry's key itself, without MFA.
        case key = 0
        /// The other key of a rotation.
        case otherKey = 1
        /// A session of the key, with MFA when the key has a device.
        case session = 2
        /// What the entry or the role serves.
        case served = 3
    }

    /// The bytes of a lease's id.
    package static let leaseCount = 16

    /// Flags of ``Request/unlock``.
    package static let allowsUnlockedMemory: UInt32 = 1
    /// Flags of ``Request/begin``.
    package static let acceptsRollback: UInt32 = 1
}
