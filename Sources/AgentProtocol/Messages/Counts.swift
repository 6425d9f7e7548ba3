package import SecureMemory

/// Asks how many keys and how many roles the vault has; answered by ``CountsAnswer``.
///
/// ``StatusAnswer`` has no field to say so: clients of earlier versions take exactly the fields that it has.
package struct CountsRequest: RequestMessage {
    package typealias Reply = CountsAnswer
    package static var kind: UInt8 { AgentMessage.Request.counts.rawValue }

    package init() {}
    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {}
}

package struct CountsAnswer: AnswerMessage, Equatable, Sendable {
    package static var kind: UInt8 { AgentMessage.Answer.counts.rawValue }

    package let keys: UInt32
    package let roles: UInt32

    package init(keys: UInt32, roles: UInt32) {
        self.keys = keys
        self.roles = roles
    }

    package init?(_ fields: inout FrameReader) {
        guard let keys = fields.next(UInt32.self), let roles = fields.next(UInt32.self) else { return nil }
        self.init(keys: keys, roles: roles)
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(keys)
        try frame.appendField(roles)
    }
}
