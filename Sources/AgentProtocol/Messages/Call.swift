import AWSValues
package import SecureMemory

extension AgentMessage {
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
}

/// Has a request to AWS signed that the client reads the reply of; answered by ``SignedAnswer``, or first by
/// ``LeaseAnswer`` or ``CodeNeededAnswer``.
package struct CallRequest: Message, ~Escapable {
    package static var kind: UInt8 { AgentMessage.Request.call.rawValue }

    package let path: String
    /// The name of an entry or a role.
    package let name: String
    package let call: AgentMessage.Call
    package let signer: AgentMessage.Signer
    /// What the call takes; see ``AgentMessage/Call``.
    package let argument: String
    /// The code of an MFA device; empty for none.
    package let code: RawSpan
    /// Seconds that AWS's clock is ahead.
    package let skew: Int64

    @_lifetime(copy code)
    package init(
        path: String, name: String, call: AgentMessage.Call, signer: AgentMessage.Signer, argument: String,
        code: RawSpan, skew: Int64
    ) {
        self.path = path
        self.name = name
        self.call = call
        self.signer = signer
        self.argument = argument
        self.code = code
        self.skew = skew
    }

    @_lifetime(copy fields)
    package init?(_ fields: inout FrameReader) {
        guard let path = fields.nextText(limit: FieldLimit.path),
            let name = fields.nextText(limit: FieldLimit.name), let call = fields.next(UInt8.self),
            let call = AgentMessage.Call(rawValue: call), let signer = fields.next(UInt8.self),
            let signer = AgentMessage.Signer(rawValue: signer),
            let argument = fields.nextText(limit: FieldLimit.argument), let code = fields.next(),
            code.isEmpty || MFADevice.isCode(code.octets), let skew = fields.next(Int64.self)
        else { return nil }
        self.path = path
        self.name = name
        self.call = call
        self.signer = signer
        self.argument = argument
        self.code = code
        self.skew = skew
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(path)
        try frame.appendField(name)
        try frame.appendField(call.rawValue)
        try frame.appendField(signer.rawValue)
        try frame.appendField(argument)
        try frame.appendField(code)
        try frame.appendField(skew)
    }
}

/// A signed request, whose reply is for the client itself, and who signed it.
package struct SignedAnswer: Message, ~Escapable {
    package static var kind: UInt8 { AgentMessage.Answer.signed.rawValue }

    /// A frame for the program that speaks to AWS.
    package let request: RawSpan
    package let accessKeyID: String
    /// Empty when it is not known.
    package let arn: String
    package let host: String

    @_lifetime(copy request)
    package init(request: RawSpan, accessKeyID: String, arn: String, host: String) {
        self.request = request
        self.accessKeyID = accessKeyID
        self.arn = arn
        self.host = host
    }

    @_lifetime(copy fields)
    package init?(_ fields: inout FrameReader) {
        guard let request = fields.next(), let id = fields.nextText(limit: 128),
            let arn = fields.nextText(limit: 2048), let host = fields.nextText(limit: 600)
        else { return nil }
        self.request = request
        accessKeyID = id
        self.arn = arn
        self.host = host
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        try frame.appendField(request)
        try frame.appendField(accessKeyID)
        try frame.appendField(arn)
        try frame.appendField(host)
    }
}

/// Forgets sessions; answered by ``ForgottenAnswer``.
package struct ClearRequest: NamedRequest {
    package typealias Reply = ForgottenAnswer
    package static var kind: UInt8 { AgentMessage.Request.clear.rawValue }

    package let path: String
    /// Empty for all.
    package let name: String

    package init(path: String, name: String) {
        self.path = path
        self.name = name
    }
}

/// How many sessions were forgotten.
package struct ForgottenAnswer: AnswerMessage, Equatable, Sendable {
    package static var kind: UInt8 { AgentMessage.Answer.forgotten.rawValue }

    package let count: UInt32

    package init(count: UInt32) { self.count = count }

    package init?(_ fields: inout FrameReader) {
        guard let count = fields.next(UInt32.self) else { return nil }
        self.count = count
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) { try frame.appendField(count) }
}
