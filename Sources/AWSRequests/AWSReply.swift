import AWSValues
package import AgentProtocol

/// What came back from AWS: an ``ExchangeMessage/reply``.
///
/// It points into the frame that it was given, and must not outlive it. Whoever carried it may have forged it.
@unsafe
package struct AWSReply {
    package let outcome: ExchangeMessage.Outcome
    /// Words for an outcome without an answer.
    package let detail: String
    /// The HTTP status; 0 for none.
    package let status: UInt32
    /// Unix seconds of AWS's clock; nil when it did not tell.
    package let date: Int64?
    private let pairs: [(path: String, value: UnsafeRawBufferPointer)]

    /// The most elements of an answer.
    package static let elementLimit = 1000

    /// Nil when the bytes are no reply.
    package init?(_ frame: UnsafeRawBufferPointer) {
        guard var reader = unsafe FrameReader(frame), unsafe reader.kind == ExchangeMessage.reply,
            let outcome = unsafe reader.next(UInt8.self),
            let outcome = ExchangeMessage.Outcome(rawValue: outcome),
            let detail = unsafe reader.nextText(limit: 512), let status = unsafe reader.next(UInt32.self),
            let date = unsafe reader.next(UInt64.self), date <= Timestamp.latest
        else { return nil }
        var pairs: [(path: String, value: UnsafeRawBufferPointer)] = unsafe []
        while unsafe !reader.isAtEnd {
            guard unsafe pairs.count < Self.elementLimit, let path = unsafe reader.nextText(limit: 512),
                let value = unsafe reader.next()
            else { return nil }
            unsafe pairs.append((path, value))
        }
        unsafe self.outcome = outcome
        unsafe self.detail = detail
        unsafe self.status = status
        unsafe self.date = date == 0 ? nil : Int64(date)
        unsafe self.pairs = pairs
    }

    /// Whether AWS did what was asked.
    package var isSuccess: Bool { unsafe outcome == .answered && (200...299).contains(status) }

    /// The first element whose path ends with these names, for example `Credentials/SecretAccessKey`.
    package func first(_ path: String) -> UnsafeRawBufferPointer? {
        for place in unsafe pairs.indices where unsafe Self.matches(pairs[place].path, path) {
            return unsafe pairs[place].value
        }
        return nil
    }

    /// The text of the first such element; nil when it has more than `limit` bytes or is no printable text.
    package func text(_ path: String, limit: Int = 2048) -> String? {
        guard let value = unsafe first(path) else { return nil }
        return unsafe Self.text(value, limit: limit)
    }

    /// The texts of all such elements, in their order.
    package func texts(_ path: String, limit: Int = 2048) -> [String] {
        var found: [String] = []
        for place in unsafe pairs.indices where unsafe Self.matches(pairs[place].path, path) {
            if let text = unsafe Self.text(pairs[place].value, limit: limit) { found.append(text) }
        }
        return found
    }

    /// Unix seconds of an element that has a time, as `2026-11-24T06:05:04Z`, with a fraction or without.
    package func time(_ path: String) -> Int64? {
        unsafe text(path, limit: 40).flatMap { Timestamp.seconds($0) }
    }

    private static func matches(_ path: String, _ end: String) -> Bool {
        path == end || path.hasSuffix("/" + end)
    }

    private static func text(_ value: UnsafeRawBufferPointer, limit: Int) -> String? {
        guard value.count <= limit, let text = unsafe String(validating: value, as: UTF8.self) else {
            return nil
        }
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
    package var isOfClock: Bool {
        ["RequestExpired", "SignatureDoesNotMatch", "RequestTimeTooSkewed", "InvalidSignatureException"]
            .contains(code)
    }

    /// Whether AWS refused the code of an MFA device.
    package var isOfCode: Bool {
        code.hasPrefix("AccessDenied") && message.hasPrefix("MultiFactorAuthentication failed")
    }
}

extension AWSReply {
    /// The refusal in an answer that is no success; nil for every other reply.
    package var refusal: AWSRefusal? {
        guard unsafe outcome == .answered, unsafe !isSuccess else { return nil }
        return unsafe AWSRefusal(
            code: text("Error/Code", limit: 128) ?? "HTTP \(status)",
            message: String((text("Error/Message", limit: 16 << 10) ?? "").prefix(512)),
            requestID: text("ErrorResponse/RequestId", limit: 128), status: status)
    }

    /// How far AWS's clock is ahead of ours, in seconds; at most ±15 minutes are believed, as AWS itself does.
    package func skew(now: Int64) -> Int64? {
        unsafe date.map { min(max($0 - now, -900), 900) }
    }
}
