package import SecureMemory

/// Asks for a page of the vault's entries and roles; answered by ``EntriesAnswer``.
package struct ListRequest: RequestMessage, Equatable, Sendable {
    package static var kind: UInt8 { AgentMessage.Request.list.rawValue }
    package typealias Reply = EntriesAnswer

    package let path: String
    /// How many are passed over.
    package let position: UInt32

    package init(path: String, position: UInt32) {
        self.path = path
        self.position = position
    }

    package init?(_ fields: inout FrameReader) {
        guard let path = fields.nextText(limit: FieldLimit.path), let position = fields.next(UInt32.self)
        else {
            return nil
        }
        self.init(path: path, position: position)
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(path)
        try frame.appendField(position)
    }
}

/// Asks for the one entry or role of a name; answered by ``EntriesAnswer`` with it, or with none.
///
/// An agent of a version that does not know it ends the connection.
package struct DescribeRequest: NamedRequest {
    package typealias Reply = EntriesAnswer
    package static var kind: UInt8 { AgentMessage.Request.describe.rawValue }

    package let path: String
    package let name: String

    package init(path: String, name: String) {
        self.path = path
        self.name = name
    }
}

/// The head of a page of entries: one field for each entry follows.
package struct EntriesAnswer: AnswerMessage, Equatable, Sendable {
    package static var kind: UInt8 { AgentMessage.Answer.entries.rawValue }

    /// The MAC of the file's header.
    package let headerMAC: [UInt8]
    /// How fresh the file is: 0 current, 1 rollback, 2 fork, 3 unknown.
    package let freshness: UInt8
    /// The generations seen and found; for an unknown one a reason and an error number.
    package let seen: UInt64
    package let found: UInt64
    /// The path of the memory that cannot be used; else empty.
    package let memory: String
    /// The number of entries and roles in all.
    package let total: UInt32

    package init(
        headerMAC: [UInt8], freshness: UInt8, seen: UInt64, found: UInt64, memory: String, total: UInt32
    ) {
        self.headerMAC = headerMAC
        self.freshness = freshness
        self.seen = seen
        self.found = found
        self.memory = memory
        self.total = total
    }

    package init?(_ fields: inout FrameReader) {
        guard let mac = fields.next(), let freshness = fields.next(UInt8.self),
            let seen = fields.next(UInt64.self), let found = fields.next(UInt64.self),
            let memory = fields.nextText(limit: FieldLimit.path), let total = fields.next(UInt32.self),
            total <= 4096
        else { return nil }
        self.init(
            headerMAC: [UInt8](mac), freshness: freshness, seen: seen, found: found, memory: memory,
            total: total)
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(headerMAC)
        try frame.appendField(freshness)
        try frame.appendField(seen)
        try frame.appendField(found)
        try frame.appendField(memory)
        try frame.appendField(total)
    }
}

/// Asks whether an entry has exactly these secrets, which do not leave the agent for it; answered by
/// ``ComparisonAnswer``.
package struct CompareRequest: RequestMessage, ~Escapable {
    package static var kind: UInt8 { AgentMessage.Request.compare.rawValue }
    package typealias Reply = ComparisonAnswer

    package let path: String
    package let name: String
    package let secretAccessKey: RawSpan
    /// Empty for none.
    package let sessionToken: RawSpan

    @_lifetime(copy secretAccessKey, copy sessionToken)
    package init(path: String, name: String, secretAccessKey: RawSpan, sessionToken: RawSpan) {
        self.path = path
        self.name = name
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
    }

    @_lifetime(copy fields)
    package init?(_ fields: inout FrameReader) {
        guard let path = fields.nextText(limit: FieldLimit.path),
            let name = fields.nextText(limit: FieldLimit.name), let key = fields.next(),
            let token = fields.next()
        else { return nil }
        self.path = path
        self.name = name
        secretAccessKey = key
        sessionToken = token
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(path)
        try frame.appendField(name)
        try frame.appendField(secretAccessKey)
        try frame.appendField(sessionToken)
    }
}

/// Whether both secrets are the entry's.
package struct ComparisonAnswer: AnswerMessage, Equatable, Sendable {
    package static var kind: UInt8 { AgentMessage.Answer.comparison.rawValue }

    package let isSame: Bool

    package init(isSame: Bool) { self.isSame = isSame }

    package init?(_ fields: inout FrameReader) {
        guard let isSame = fields.next(UInt8.self) else { return nil }
        self.isSame = isSame != 0
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(UInt8(isSame ? 1 : 0))
    }
}
