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
        /// See ``ReasonAnswer``.
        case reason = 78
        /// See ``CountsAnswer``.
        case counts = 79
    }

    /// The bytes of a lease's id.
    package static let leaseCount = 16

    /// Flags of ``UnlockRequest``.
    package static let allowsUnlockedMemory: UInt32 = 1
    /// Flags of ``BeginRequest``.
    package static let acceptsRollback: UInt32 = 1
}
