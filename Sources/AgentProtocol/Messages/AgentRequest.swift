import SecureMemory

extension AgentMessage {
    /// The numbers of the requests. One at a time is asked for over a connection; an agent that does not know a
    /// number closes the connection.
    package enum Request: UInt8, Sendable {
        /// No fields. Answered by ``StatusAnswer``.
        case status = 1
        case unlock = 2
        /// No fields. Answered by ``Answer/done``, locked or not.
        case lock = 3
        case credentials = 4
        case list = 6
        case begin = 7
        case change = 8
        /// No fields. Answered by ``ImageAnswer`` and its parts.
        case commit = 9
        /// No fields. The agent locks and ends. Answered by ``Answer/done``.
        case stop = 10
        case deliver = 11
        case call = 12
        case clear = 13
        case compare = 14
        case describe = 15
        case why = 16
        case counts = 17
    }

    /// What the agent answers.
    package enum Answer: UInt8, Sendable {
        /// No fields.
        case done = 64
        /// Exit code (u32) · message · cure. Both are text of at most 512 bytes without control characters.
        case error = 65
        /// Process id (u32) · vault path · whether it is locked (u8) · generation (u64) · Unix seconds of the
        /// lock in any case (u64) and when idle (u64) · entries (u32) · protections, one `name=state` a line.
        case status = 66
        /// The line that AWS clients read.
        case json = 67
        /// MAC of the header (32) · how fresh the file is: 0 current, 1 rollback, 2 fork (u8) · generation
        /// seen (u64) · generation found (u64) · number of entries in all (u32) · one field for each entry.
        case entries = 69
        /// Size of the image (u32) · key id (32) · whether the previous file must go (u8). The parts follow.
        case image = 70
        /// Bytes of the image, in order.
        case part = 71
        /// Id of the lease (16) · request for the program that speaks to AWS. What came of it is to be
        /// delivered within ten seconds.
        case lease = 72
        /// The MFA device whose code must come with the request.
        case codeNeeded = 73
        /// Request for the program that speaks to AWS, whose reply is for the client itself · whose credentials
        /// signed it: access key id · ARN, empty when unknown · host.
        case signed = 74
        /// Number of sessions (u32).
        case forgotten = 75
        /// No fields. Somebody else is fetching what this request needs: the answer follows, within 20 seconds.
        case waiting = 76
        /// Whether both secrets are the entry's (u8).
        case comparison = 77
        /// See ``ReasonAnswer``.
        case reason = 78
        /// See ``CountsAnswer``.
        case counts = 79
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
    case why
    case counts

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
        case .why: self = .why
        case .counts: self = .counts
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

    /// Whether it asks about the request before it.
    package var isWhy: Bool {
        if case .why = self { return true }
        return false
    }

    /// Whether a success puts the idle lock off.
    package var isUse: Bool {
        switch self {
        case .credentials, .list, .describe, .begin, .change, .commit, .deliver, .call, .clear, .compare: true
        case .status, .unlock, .lock, .stop, .why, .counts: false
        }
    }
}
