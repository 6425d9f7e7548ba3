import AWSValues
package import SecureMemory

/// Asks why the request before it on this connection was refused; answered by ``ReasonAnswer``.
///
/// ``ErrorAnswer`` has no field to say so: clients of earlier versions take exactly the fields that it has.
package struct WhyRequest: RequestMessage {
    package typealias Reply = ReasonAnswer
    package static var kind: UInt8 { AgentMessage.Request.why.rawValue }

    package init() {}
    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {}
}

/// The reason of a refusal, as its number and its fields in text.
package struct ReasonAnswer: AnswerMessage, Equatable, Sendable {
    package static var kind: UInt8 { AgentMessage.Answer.reason.rawValue }

    /// Nil when nothing was refused, for what is none of the list, and for one that this version does not know: then
    /// the words of ``ErrorAnswer`` say all there is.
    package let reason: AgentReason?

    package init(_ reason: AgentReason?) { self.reason = reason }

    package init?(_ fields: inout FrameReader) {
        guard let number = fields.next(UInt16.self) else { return nil }
        var texts: [String] = []
        while !fields.isAtEnd {
            guard texts.count < 8, let text = fields.nextText(limit: FieldLimit.path) else { return nil }
            texts.append(text)
        }
        // They are another process's words, which reach a terminal.
        reason = AgentReason(
            number: number, fields: texts.map { ShownText.escaped($0, limit: FieldLimit.text) })
    }

    package func writeFields(to frame: inout SecretBuffer) throws(AgentError) {
        let coded: (number: UInt16, fields: [String]) = reason?.coded ?? (0, [])
        try frame.appendField(coded.number)
        try frame.appendTexts(coded.fields)
    }
}

extension SecretBuffer {
    fileprivate mutating func appendTexts(_ texts: [String]) throws(AgentError) {
        for text in texts { try appendField(text) }
    }
}
