import AWSValues
package import AgentProtocol
import SecureMemory

/// What came back from AWS: an ``ExchangeMessage/reply``, in the frame that it was given.
///
/// Whoever carried it may have forged it.
package struct AWSReply: ~Escapable {
    package let outcome: ExchangeMessage.Outcome
    /// Words for an outcome without an answer.
    package let detail: String
    /// The HTTP status; 0 for none.
    package let status: UInt32
    /// Unix seconds of AWS's clock; nil when it did not tell.
    package let date: Int64?
    private let frame: RawSpan
    /// The paths of the elements, and where in the frame their texts lie.
    private let pairs: [(path: String, value: Range<Int>)]

    /// The most elements of an answer.
    package static let elementLimit = 1000

    /// Nil when the bytes are no reply.
    @_lifetime(copy frame)
    package init?(_ frame: RawSpan) {
        guard var reader = FrameReader(frame), reader.kind == ExchangeMessage.reply,
            let outcome = reader.next(UInt8.self), let outcome = ExchangeMessage.Outcome(rawValue: outcome),
            let detail = reader.nextText(limit: 512), let status = reader.next(UInt32.self),
            let date = reader.next(UInt64.self), date <= Timestamp.latest
        else { return nil }
        var pairs: [(path: String, value: Range<Int>)] = []
        while !reader.isAtEnd {
            guard pairs.count < Self.elementLimit, let path = reader.nextText(limit: 512),
                let value = reader.nextRange()
            else { return nil }
            pairs.append((path, value))
        }
        self.outcome = outcome
        self.detail = detail
        self.status = status
        self.date = date == 0 ? nil : Int64(date)
        self.frame = frame
        self.pairs = pairs
    }

    /// Whether AWS did what was asked.
    package var isSuccess: Bool { outcome == .answered && (200...299).contains(status) }

    /// The first element whose path ends with these names, for example `Credentials/SecretAccessKey`.
    @_lifetime(copy self)
    package func first(_ path: String) -> RawSpan? {
        for pair in pairs where Self.matches(pair.path, path) { return frame.extracting(pair.value) }
        return nil
    }

    /// The text of the first such element; nil when it has more than `limit` bytes or is no printable text.
    package func text(_ path: String, limit: Int = 2048) -> String? {
        guard let value = first(path) else { return nil }
        return Self.text(value, limit: limit)
    }

    /// The texts of all such elements, in their order.
    package func texts(_ path: String, limit: Int = 2048) -> [String] {
        pairs.compactMap { pair in
            Self.matches(pair.path, path) ? Self.text(frame.extracting(pair.value), limit: limit) : nil
        }
    }

    /// Unix seconds of an element that has a time, as `2026-11-24T06:05:04Z`, with a fraction or without.
    package func time(_ path: String) -> Int64? {
        text(path, limit: 40).flatMap { Timestamp.seconds($0) }
    }

    private static func matches(_ path: String, _ end: String) -> Bool {
        path == end || path.hasSuffix("/" + end)
    }

    private static func text(_ value: RawSpan, limit: Int) -> String? {
        guard let text = value.text(limit: limit) else { return nil }
        return text.unicodeScalars.allSatisfy { ShownText.isShown($0.value) } ? text : nil
    }
}

/// What AWS refused with.
package struct AWSRefusal: Error, Equatable, Sendable {
    /// For example `AccessDenied`.
    package let code: String
    package let message: String
    /// What AWS's support asks for.
    package let requestID: String?
    package let status: UInt32
}

extension AWSRefusal {
    /// Whether AWS refused because of the time that a request was signed with.
    package var isClockSkew: Bool {
        ["RequestExpired", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "InvalidSignatureException"]
            .contains(code)
    }

    /// Whether AWS refused the code of an MFA device.
    package var isMFACode: Bool {
        code.hasPrefix("AccessDenied") && message.hasPrefix("MultiFactorAuthentication failed")
    }
}

extension AWSReply {
    /// The refusal in an answer that is no success; nil for every other reply.
    package var refusal: AWSRefusal? {
        guard outcome == .answered, !isSuccess else { return nil }
        return AWSRefusal(
            code: text("Error/Code", limit: 128) ?? "HTTP \(status)",
            message: String((text("Error/Message", limit: 16 << 10) ?? "").prefix(512)),
            requestID: text("ErrorResponse/RequestId", limit: 128), status: status)
    }

    /// How far AWS's clock is ahead of ours, in seconds; at most ±15 minutes are believed, as AWS itself does.
    package func skew(now: Int64) -> Int64? {
        date.map { min(max($0 - now, -900), 900) }
    }
}
