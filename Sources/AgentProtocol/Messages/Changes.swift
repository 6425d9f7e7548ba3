package import SecureMemory

/// Begins the changes of one command; answered by ``AgentMessage/Answer/done``. Forgets what an earlier one began on
/// this connection.
package struct BeginRequest: RequestMessage, Equatable, Sendable {
    package typealias Reply = DoneAnswer
    package static var kind: UInt8 { AgentMessage.Request.begin.rawValue }

    package let path: String
    /// The MAC of the header that the client read.
    package let headerMAC: [UInt8]
    package let acceptsRollback: Bool

    package init(path: String, headerMAC: [UInt8], acceptsRollback: Bool) {
        self.path = path
        self.headerMAC = headerMAC
        self.acceptsRollback = acceptsRollback
    }

    package init?(_ fields: inout FrameReader) {
        guard let path = fields.nextText(limit: FieldLimit.path), let mac = fields.next(),
            mac.byteCount == 32, let flags = fields.next(UInt32.self)
        else { return nil }
        self.init(
            path: path, headerMAC: [UInt8](mac), acceptsRollback: flags & AgentMessage.acceptsRollback != 0)
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(path)
        try frame.appendField(headerMAC)
        try frame.appendField(acceptsRollback ? AgentMessage.acceptsRollback : 0)
    }
}

/// One change; answered by ``AgentMessage/Answer/done``.
package struct ChangeRequest: RequestMessage, ~Escapable {
    package typealias Reply = DoneAnswer
    package static var kind: UInt8 { AgentMessage.Request.change.rawValue }

    /// How it changes the vault: a number of the vault's own.
    package let change: UInt8
    /// The name of the entry or the role.
    package let name: String
    /// The entry or the role as ``EntriesAnswer`` has it.
    package let entry: RawSpan
    package let secretAccessKey: RawSpan
    /// Empty for none.
    package let sessionToken: RawSpan

    @_lifetime(copy entry, copy secretAccessKey, copy sessionToken)
    package init(
        change: UInt8, name: String, entry: RawSpan, secretAccessKey: RawSpan, sessionToken: RawSpan
    ) {
        self.change = change
        self.name = name
        self.entry = entry
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    @_lifetime(copy fields)
    package init?(_ fields: inout FrameReader) {
        guard let change = fields.next(UInt8.self), let name = fields.nextText(limit: FieldLimit.name),
            let entry = fields.next(), let key = fields.next(), let token = fields.next()
        else { return nil }
        self.change = change
        self.name = name
        self.entry = entry
        secretAccessKey = key
        sessionToken = token
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(change)
        try frame.appendField(name)
        try frame.appendField(entry)
        try frame.appendField(secretAccessKey)
        try frame.appendField(sessionToken)
    }
}

/// The head of a new image of the vault, whose bytes follow in ``AgentMessage/Answer/part``s.
package struct ImageAnswer: AnswerMessage, Equatable, Sendable {
    package static var kind: UInt8 { AgentMessage.Answer.image.rawValue }

    /// The bytes of the image.
    package let size: UInt32
    package let keyID: [UInt8]
    /// Whether the previous file must go.
    package let removesPrevious: Bool

    package init(size: UInt32, keyID: [UInt8], removesPrevious: Bool) {
        self.size = size
        self.keyID = keyID
        self.removesPrevious = removesPrevious
    }

    package init?(_ fields: inout FrameReader) {
        guard let size = fields.next(UInt32.self), let keyID = fields.next(),
            let removes = fields.next(UInt8.self), size <= 4 << 20
        else { return nil }
        self.init(size: size, keyID: [UInt8](keyID), removesPrevious: removes != 0)
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(size)
        try frame.appendField(keyID)
        try frame.appendField(UInt8(removesPrevious ? 1 : 0))
    }
}
