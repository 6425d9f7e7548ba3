package import SecureMemory

/// One message of the agent's protocol: what it holds, and how it stands in a frame. Each has its reading, an
/// initializer from a ``FrameReader``, beside its writing.
package protocol Message: ~Escapable {
    /// The number that stands for it in a frame's head.
    static var kind: UInt8 { get }
    /// Appends the fields, in their order.
    func writeFields(to frame: inout SecretBuffer) throws(AgentError)
}

extension Message where Self: ~Escapable {
    /// Appends the message as one frame.
    package func write(to buffer: inout SecretBuffer) throws(AgentError) {
        let start = try buffer.beginFrame(Self.kind)
        try writeFields(to: &buffer)
        try buffer.endFrame(start)
    }
}

/// A request that one frame without a secret answers.
package protocol RequestMessage: Message, ~Escapable {
    associatedtype Reply: AnswerMessage
}

/// A message that may outlive its frame.
package protocol AnswerMessage: Message {
    /// Nil when the fields are no such message.
    init?(_ fields: inout FrameReader)
}

/// A request of a vault's name and that of an entry or a role.
package protocol NamedRequest: RequestMessage, Equatable, Sendable {
    var path: String { get }
    var name: String { get }
    init(path: String, name: String)
}

extension NamedRequest {
    package init?(_ fields: inout FrameReader) {
        guard let path = fields.nextText(limit: FieldLimit.path),
            let name = fields.nextText(limit: FieldLimit.name)
        else { return nil }
        self.init(path: path, name: name)
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(path)
        try frame.appendField(name)
    }
}

/// The limits of what requests hold, in bytes.
enum FieldLimit {
    static var path: Int { 4096 }
    static var name: Int { 1024 }
    static var argument: Int { 512 }
    static var text: Int { 512 }
}
