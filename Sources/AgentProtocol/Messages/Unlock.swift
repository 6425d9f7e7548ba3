package import SecureMemory

/// Unlocks the vault, or extends the time; answered by ``AgentMessage/Answer/done``.
package struct UnlockRequest: RequestMessage, ~Escapable {
    package typealias Reply = DoneAnswer
    package static var kind: UInt8 { AgentMessage.Request.unlock.rawValue }
    package static var keyCount: Int { 32 }

    package let path: String
    package let key: RawSpan
    /// Seconds until the vault locks when nobody asks for anything, and in any case.
    package let idle: UInt32
    package let total: UInt32
    package let allowsUnlockedMemory: Bool

    @_lifetime(copy key)
    package init(path: String, key: RawSpan, idle: UInt32, total: UInt32, allowsUnlockedMemory: Bool) {
        self.path = path
        self.key = key
        self.idle = idle
        self.total = total
        self.allowsUnlockedMemory = allowsUnlockedMemory
    }

    @_lifetime(copy fields)
    package init?(_ fields: inout FrameReader) {
        guard let path = fields.nextText(limit: FieldLimit.path), let key = fields.next(),
            key.byteCount == Self.keyCount, let idle = fields.next(UInt32.self),
            let total = fields.next(UInt32.self), let flags = fields.next(UInt32.self)
        else { return nil }
        self.path = path
        self.key = key
        self.idle = idle
        self.total = total
        allowsUnlockedMemory = flags & AgentMessage.allowsUnlockedMemory != 0
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(path)
        try frame.appendField(key)
        try frame.appendField(idle)
        try frame.appendField(total)
        try frame.appendField(allowsUnlockedMemory ? AgentMessage.allowsUnlockedMemory : 0)
    }
}
