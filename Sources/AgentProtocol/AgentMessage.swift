/// The messages between the agent and its clients.
///
/// A frame is `u32 length ‖ u8 version ‖ u8 kind ‖ fields`, where the length counts what follows it and each
/// field is `u32 length ‖ value`. Integers are unsigned and little-endian. A kind has exactly the fields that
/// its message writes, in this order; an absent value is an empty field. The numbers 5 and 68 belonged to a request
/// that handed long-lived secrets out, and are not used again.
package enum AgentMessage {
    package static let version: UInt8 = 1
    /// The most that a frame's length may say.
    package static let frameLimit = 64 << 10
    /// The bytes of a frame before its fields.
    package static let headCount = 6
    /// The most bytes of a part of an image, and of a page of entries.
    package static let partLimit = 60 << 10

    /// The bytes of a lease's id.
    package static let leaseCount = 16

    /// Flags of ``UnlockRequest``.
    package static let allowsUnlockedMemory: UInt32 = 1
    /// Flags of ``BeginRequest``.
    package static let acceptsRollback: UInt32 = 1
}
