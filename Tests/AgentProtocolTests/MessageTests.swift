import SecureMemory
import Testing

@testable import AgentProtocol

/// A message as it stands in a frame, and what is written when it is read from one.
private struct Example: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let frame: [UInt8]
    /// Reads a frame and writes what it read; nil when it is refused.
    let again: @Sendable ([UInt8]) -> [UInt8]?

    /// The frame's fields.
    var fields: [[UInt8]] {
        guard var reader = FrameReader(frame.rawSpan) else { return [] }
        var fields: [[UInt8]] = []
        while let field = reader.next() { fields.append([UInt8](field)) }
        return fields
    }

    /// The same message with other fields.
    func with(_ fields: [[UInt8]]) -> [UInt8] {
        written { buffer throws(AgentError) in
            let start = try buffer.beginFrame(frame[5])
            for field in fields { try buffer.appendField(field) }
            try buffer.endFrame(start)
        }
    }
}

/// What is written; nothing when it cannot be, which is no message.
private func written(_ write: (inout SecretBuffer) throws(AgentError) -> Void) -> [UInt8] {
    do throws(AgentError) {
        var buffer = try AgentMessage.buffer()
        try write(&buffer)
        return [UInt8](buffer.bytes)
    } catch { return [] }
}

private func written<Some: Message & ~Escapable>(_ message: borrowing Some) -> [UInt8] {
    do throws(AgentError) {
        var buffer = try AgentMessage.buffer()
        try message.write(to: &buffer)
        return [UInt8](buffer.bytes)
    } catch { return [] }
}

/// What the agent reads a request as, written as a client would.
private func request(_ bytes: [UInt8]) -> [UInt8]? {
    guard let request = AgentRequest(bytes.rawSpan) else { return nil }
    switch request {
    case .unlock(let request): return written(request)
    case .credentials(let request): return written(request)
    case .list(let request): return written(request)
    case .describe(let request): return written(request)
    case .begin(let request): return written(request)
    case .change(let request): return written(request)
    case .deliver(let request): return written(request)
    case .call(let request): return written(request)
    case .clear(let request): return written(request)
    case .compare(let request): return written(request)
    case .status, .lock, .commit, .stop, .why, .counts: return bytes
    }
}

private func plain(_ kind: AgentMessage.Request) -> [UInt8] {
    written { buffer throws(AgentError) in try buffer.endFrame(buffer.beginFrame(kind)) }
}

private let key = [UInt8](repeating: 7, count: 32)
private let id = [UInt8](repeating: 9, count: 16)
private let code = Array("123456".utf8)
private let bytes: [UInt8] = [1, 0, 255]

private let requests = [
    Example(testDescription: "status", frame: plain(.status), again: request),
    Example(testDescription: "lock", frame: plain(.lock), again: request),
    Example(testDescription: "commit", frame: plain(.commit), again: request),
    Example(testDescription: "stop", frame: plain(.stop), again: request),
    Example(testDescription: "why", frame: written(WhyRequest()), again: request),
    Example(testDescription: "counts", frame: written(CountsRequest()), again: request),
    Example(
        testDescription: "unlock",
        frame: written(
            UnlockRequest(path: "/v", key: key.rawSpan, idle: 60, total: 600, allowsUnlockedMemory: true)),
        again: request),
    Example(
        testDescription: "credentials",
        frame: written(CredentialsRequest(path: "/v", name: "prod", code: code.rawSpan)), again: request),
    Example(
        testDescription: "list", frame: written(ListRequest(path: "/v", position: 7)), again: request),
    Example(
        testDescription: "describe", frame: written(DescribeRequest(path: "/v", name: "prod")),
        again: request),
    Example(
        testDescription: "begin",
        frame: written(BeginRequest(path: "/v", headerMAC: key, acceptsRollback: true)), again: request),
    Example(
        testDescription: "change",
        frame: written(
            ChangeRequest(
                change: 3, name: "prod", entry: bytes.rawSpan, secretAccessKey: key.rawSpan,
                sessionToken: id.rawSpan)), again: request),
    Example(
        testDescription: "deliver",
        frame: written(DeliverRequest(id: id.rawSpan, reply: bytes.rawSpan)), again: request),
    Example(
        testDescription: "call",
        frame: written(
            CallRequest(
                path: "/v", name: "prod", call: .createAccessKey, signer: .session, argument: "x",
                code: code.rawSpan, skew: -5)), again: request),
    Example(
        testDescription: "clear", frame: written(ClearRequest(path: "/v", name: "")), again: request),
    Example(
        testDescription: "compare",
        frame: written(
            CompareRequest(
                path: "/v", name: "prod", secretAccessKey: key.rawSpan, sessionToken: id.rawSpan)),
        again: request),
]

private let answers = [
    Example(testDescription: "the counts", frame: written(CountsAnswer(keys: 3, roles: 2))) {
        guard var fields = FrameReader($0.rawSpan), let answer = CountsAnswer(&fields), fields.isAtEnd else {
            return nil
        }
        return written(answer)
    },
    Example(
        testDescription: "the status",
        frame: written(
            StatusAnswer(
                processID: 7, vault: "/v", isLocked: true, generation: 3, locksAt: 5, idleLocksAt: 4,
                entries: 2, protections: "a=b"))
    ) {
        guard var fields = FrameReader($0.rawSpan), let answer = StatusAnswer(&fields), fields.isAtEnd else {
            return nil
        }
        return written(answer)
    },
    Example(
        testDescription: "an error",
        frame: written(ErrorAnswer(code: 77, message: "the vault is locked", cure: "run 'sealring unlock'"))
    ) {
        guard var fields = FrameReader($0.rawSpan), let answer = ErrorAnswer(&fields), fields.isAtEnd else {
            return nil
        }
        return written(answer)
    },
    Example(
        testDescription: "a lease", frame: written(LeaseAnswer(id: id.rawSpan, request: bytes.rawSpan))
    ) {
        guard var fields = FrameReader($0.rawSpan), let answer = LeaseAnswer(&fields), fields.isAtEnd else {
            return nil
        }
        return written(answer)
    },
    Example(testDescription: "a code that is needed", frame: written(CodeNeededAnswer(serial: "GAHT1"))) {
        guard var fields = FrameReader($0.rawSpan), let answer = CodeNeededAnswer(&fields), fields.isAtEnd
        else { return nil }
        return written(answer)
    },
    Example(
        testDescription: "a signed request",
        frame: written(
            SignedAnswer(request: bytes.rawSpan, accessKeyID: "AKIA", arn: "arn:x", host: "sts.example"))
    ) {
        guard var fields = FrameReader($0.rawSpan), let answer = SignedAnswer(&fields), fields.isAtEnd else {
            return nil
        }
        return written(answer)
    },
    Example(testDescription: "forgotten sessions", frame: written(ForgottenAnswer(count: 3))) {
        guard var fields = FrameReader($0.rawSpan), let answer = ForgottenAnswer(&fields), fields.isAtEnd
        else { return nil }
        return written(answer)
    },
    Example(
        testDescription: "a reason",
        frame: written(ReasonAnswer(.seedCodeUsed(serial: "GAHT1", seconds: 7)))
    ) {
        guard var fields = FrameReader($0.rawSpan), let answer = ReasonAnswer(&fields), fields.isAtEnd,
            answer.reason != nil
        else { return nil }
        return written(answer)
    },
    Example(testDescription: "a comparison", frame: written(ComparisonAnswer(isSame: true))) {
        guard var fields = FrameReader($0.rawSpan), let answer = ComparisonAnswer(&fields), fields.isAtEnd
        else { return nil }
        return written(answer)
    },
    Example(
        testDescription: "an image",
        frame: written(ImageAnswer(size: 8192, keyID: key, removesPrevious: true))
    ) {
        guard var fields = FrameReader($0.rawSpan), let answer = ImageAnswer(&fields), fields.isAtEnd else {
            return nil
        }
        return written(answer)
    },
    Example(
        testDescription: "the head of a page of entries",
        frame: written(
            EntriesAnswer(headerMAC: key, freshness: 1, seen: 5, found: 4, memory: "/m", total: 9))
    ) {
        guard var fields = FrameReader($0.rawSpan), let answer = EntriesAnswer(&fields), fields.isAtEnd else {
            return nil
        }
        return written(answer)
    },
]

@Suite("A message of the agent's protocol")
struct MessageTests {
    @Test("is read as it was written", arguments: requests + answers)
    fileprivate func roundTrip(_ example: Example) { #expect(example.again(example.frame) == example.frame) }

    @Test("is refused when a byte or a field is missing at its end", arguments: requests + answers)
    fileprivate func truncated(_ example: Example) {
        for count in 0..<example.frame.count {
            #expect(example.again(Array(example.frame[..<count])) == nil)
        }
        for count in 0..<example.fields.count {
            #expect(example.again(example.with(Array(example.fields[..<count]))) == nil)
        }
    }

    @Test("is refused when a field more than it has follows", arguments: requests + answers)
    fileprivate func extended(_ example: Example) {
        #expect(example.again(example.with(example.fields)) == example.frame)
        for field in [[], [1], [0, 0, 0, 0]] as [[UInt8]] {
            #expect(example.again(example.with(example.fields + [field])) == nil)
        }
    }

    @Test("has a key, a code, an id and a number of exactly their sizes")
    func sizes() throws {
        func refuses(_ name: String, _ field: Int, _ value: [UInt8]) throws {
            let example = try #require(requests.first { $0.testDescription == name })
            var fields = example.fields
            fields[field] = value
            #expect(example.again(example.with(fields)) == nil, "\(name) \(field) \(value.count)")
        }
        for count in [0, 31, 33] { try refuses("unlock", 1, [UInt8](repeating: 7, count: count)) }
        for count in [0, 31, 33] { try refuses("begin", 1, [UInt8](repeating: 7, count: count)) }
        for count in [0, 15, 17] { try refuses("deliver", 0, [UInt8](repeating: 7, count: count)) }
        for wrong in ["12345", "1234567", "12345a"] {
            try refuses("credentials", 2, Array(wrong.utf8))
            try refuses("call", 5, Array(wrong.utf8))
        }
        for wrong in [[], [0], [9]] as [[UInt8]] { try refuses("call", 2, wrong) }
        try refuses("call", 3, [4])
        try refuses("list", 1, [1, 2, 3])
        try refuses("credentials", 1, [UInt8](repeating: 0x61, count: 1025))
        try refuses("credentials", 0, [0xFF])
    }

    @Test("of a kind that is none, or is an answer, is no request")
    func kinds() {
        for kind in UInt8(0)...255 where AgentMessage.Request(rawValue: kind) == nil {
            var frame = plain(.status)
            frame[5] = kind
            #expect(request(frame) == nil)
        }
    }
}
