import AWSValues
package import SecureMemory

/// Asks for the line that AWS clients read; answered by ``AgentMessage/Answer/json``, or first by ``LeaseAnswer`` or
/// ``CodeNeededAnswer``.
package struct CredentialsRequest: Message, ~Escapable {
    package static var kind: UInt8 { AgentMessage.Request.credentials.rawValue }

    package let path: String
    /// The name of an entry or a role.
    package let name: String
    /// The code of an MFA device; empty for none.
    package let code: RawSpan

    @_lifetime(copy code)
    package init(path: String, name: String, code: RawSpan) {
        self.path = path
        self.name = name
        self.code = code
    }

    @_lifetime(copy fields)
    package init?(_ fields: inout FrameReader) {
        guard let path = fields.nextText(limit: FieldLimit.path),
            let name = fields.nextText(limit: FieldLimit.name), let code = fields.next(), code.isOneTimeCode
        else { return nil }
        self.path = path
        self.name = name
        self.code = code
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(path)
        try frame.appendField(name)
        try frame.appendField(code)
    }

    /// Appends the request for a name in the vault that the environment means, without a code: for the helper, which
    /// builds no strings.
    package static func write(
        name: RawSpan, in environment: EnvironmentSource = .process, to frame: inout SecretBuffer
    ) throws(AgentError) {
        let start = try frame.beginFrame(kind)
        try frame.appendVaultPathField(in: environment)
        try frame.appendField(name)
        try frame.appendField(RawSpan())
        try frame.endFrame(start)
    }
}

/// A request to AWS that the client is to carry within ten seconds, and whose result it is to deliver.
package struct LeaseAnswer: Message, ~Escapable {
    package static var kind: UInt8 { AgentMessage.Answer.lease.rawValue }

    package let id: RawSpan
    /// A frame for the program that speaks to AWS.
    package let request: RawSpan

    @_lifetime(copy id, copy request)
    package init(id: RawSpan, request: RawSpan) {
        self.id = id
        self.request = request
    }

    @_lifetime(copy fields)
    package init?(_ fields: inout FrameReader) {
        guard let id = fields.next(), id.byteCount == AgentMessage.leaseCount, let request = fields.next()
        else {
            return nil
        }
        self.id = id
        self.request = request
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(id)
        try frame.appendField(request)
    }
}

/// What came of a lease; answered as the request that the lease was an answer to.
package struct DeliverRequest: Message, ~Escapable {
    package static var kind: UInt8 { AgentMessage.Request.deliver.rawValue }

    package let id: RawSpan
    /// The frame that the program which speaks to AWS gave; empty when it gave none.
    package let reply: RawSpan

    @_lifetime(copy id, copy reply)
    package init(id: RawSpan, reply: RawSpan) {
        self.id = id
        self.reply = reply
    }

    @_lifetime(copy fields)
    package init?(_ fields: inout FrameReader) {
        guard let id = fields.next(), id.byteCount == AgentMessage.leaseCount, let reply = fields.next()
        else {
            return nil
        }
        self.id = id
        self.reply = reply
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(id)
        try frame.appendField(reply)
    }
}

/// A code of an MFA device must come with the request.
package struct CodeNeededAnswer: AnswerMessage, Equatable, Sendable {
    package static var kind: UInt8 { AgentMessage.Answer.codeNeeded.rawValue }

    /// The device.
    package let serial: String

    package init(serial: String) { self.serial = serial }

    package init?(_ fields: inout FrameReader) {
        guard let serial = fields.nextText(limit: 256) else { return nil }
        self.serial = serial
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(serial)
    }
}

extension RawSpan {
    /// Whether the bytes are six digits, or none.
    fileprivate var isOneTimeCode: Bool { isEmpty || MFADevice.isCode(octets) }
}
