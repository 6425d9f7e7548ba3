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

/// What a client asks for, decoded.
package enum AgentRequest: ~Escapable {
    case status
    case unlock(UnlockRequest)
    case lock
    case credentials(CredentialsRequest)
    case list(ListRequest)
    case describe(DescribeRequest)
    case begin(BeginRequest)
    case change(ChangeRequest)
    case commit
    case stop
    case deliver(DeliverRequest)
    case call(CallRequest)
    case clear(ClearRequest)
    case compare(CompareRequest)

    /// Nil when the bytes are not exactly one request.
    @_lifetime(copy frame)
    package init?(_ frame: RawSpan) {
        guard var fields = FrameReader(frame), let kind = AgentMessage.Request(rawValue: fields.kind) else {
            return nil
        }
        switch kind {
        case .status: self = .status
        case .lock: self = .lock
        case .commit: self = .commit
        case .stop: self = .stop
        case .unlock:
            guard let request = UnlockRequest(&fields) else { return nil }
            self = .unlock(request)
        case .credentials:
            guard let request = CredentialsRequest(&fields) else { return nil }
            self = .credentials(request)
        case .list:
            guard let request = ListRequest(&fields) else { return nil }
            self = .list(request)
        case .describe:
            guard let request = DescribeRequest(&fields) else { return nil }
            self = .describe(request)
        case .begin:
            guard let request = BeginRequest(&fields) else { return nil }
            self = .begin(request)
        case .change:
            guard let request = ChangeRequest(&fields) else { return nil }
            self = .change(request)
        case .deliver:
            guard let request = DeliverRequest(&fields) else { return nil }
            self = .deliver(request)
        case .call:
            guard let request = CallRequest(&fields) else { return nil }
            self = .call(request)
        case .clear:
            guard let request = ClearRequest(&fields) else { return nil }
            self = .clear(request)
        case .compare:
            guard let request = CompareRequest(&fields) else { return nil }
            self = .compare(request)
        }
        guard fields.isAtEnd else { return nil }
    }

    /// Whether a success puts the idle lock off.
    package var isUse: Bool {
        switch self {
        case .credentials, .list, .describe, .begin, .change, .commit, .deliver, .call, .clear, .compare: true
        case .status, .unlock, .lock, .stop: false
        }
    }
}

/// The limits of what requests hold, in bytes.
enum FieldLimit {
    static var path: Int { 4096 }
    static var name: Int { 1024 }
    static var argument: Int { 512 }
    static var text: Int { 512 }
}
