package import SecureMemory

/// What the agent says of itself: the answer to ``AgentMessage/Request/status``.
package struct StatusAnswer: AnswerMessage, Equatable, Sendable {
    package static var kind: UInt8 { AgentMessage.Answer.status.rawValue }

    package var processID: UInt32
    package var vault: String
    package var isLocked: Bool
    package var generation: UInt64
    /// Unix seconds of the lock in any case, and when idle; 0 for none.
    package var locksAt: UInt64
    package var idleLocksAt: UInt64
    package var entries: UInt32
    /// One `name=state` a line, and ``versionName`` among them.
    package var protections: String

    /// The name in ``protections`` of the agent's own version: it has no field, since clients of earlier versions take
    /// exactly the fields that there are.
    package static var versionName: String { "version" }

    package init(
        processID: UInt32, vault: String, isLocked: Bool, generation: UInt64, locksAt: UInt64,
        idleLocksAt: UInt64, entries: UInt32, protections: String
    ) {
        self.processID = processID
        self.vault = vault
        self.isLocked = isLocked
        self.generation = generation
        self.locksAt = locksAt
        self.idleLocksAt = idleLocksAt
        self.entries = entries
        self.protections = protections
    }

    package init?(_ fields: inout FrameReader) {
        guard let process = fields.next(UInt32.self), let vault = fields.nextText(limit: FieldLimit.path),
            let isLocked = fields.next(UInt8.self), let generation = fields.next(UInt64.self),
            let locksAt = fields.next(UInt64.self), let idle = fields.next(UInt64.self),
            let entries = fields.next(UInt32.self), let protections = fields.nextText(limit: 4096)
        else { return nil }
        self.init(
            processID: process, vault: vault, isLocked: isLocked != 0, generation: generation,
            locksAt: locksAt, idleLocksAt: idle, entries: entries, protections: protections)
    }

    /// Whether the vault is locked, of an answer that nothing else is wanted of; nil when it is none. For the helper,
    /// which builds no strings.
    package static func isLocked(_ frame: RawSpan) -> Bool? {
        guard var fields = FrameReader(frame), fields.kind == kind, fields.next(UInt32.self) != nil,
            fields.next() != nil, let isLocked = fields.next(UInt8.self)
        else { return nil }
        return isLocked != 0
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(processID)
        try frame.appendField(vault)
        try frame.appendField(UInt8(isLocked ? 1 : 0))
        try frame.appendField(generation)
        try frame.appendField(locksAt)
        try frame.appendField(idleLocksAt)
        try frame.appendField(entries)
        try frame.appendField(protections)
    }
}

/// That a request was done.
package struct DoneAnswer: AnswerMessage {
    package static var kind: UInt8 { AgentMessage.Answer.done.rawValue }

    package init() {}
    package init?(_ fields: inout FrameReader) {}
    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {}
}

/// Why a request was refused: the exit code, what is wrong, and the cure.
package struct ErrorAnswer: AnswerMessage, Equatable, Sendable {
    package static var kind: UInt8 { AgentMessage.Answer.error.rawValue }

    package var code: UInt32
    package var message: String
    package var cure: String

    package init(code: UInt32, message: String, cure: String) {
        self.code = code
        self.message = message
        self.cure = cure
    }

    package init?(_ fields: inout FrameReader) {
        guard let code = fields.next(UInt32.self), let message = fields.nextText(limit: FieldLimit.text),
            let cure = fields.nextText(limit: FieldLimit.text)
        else { return nil }
        self.init(code: code, message: message, cure: cure)
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(code)
        try frame.appendField(message)
        try frame.appendField(cure)
    }
}
