import AgentProtocol
import ProgramSupport
import SecureMemory
import TestSupport

@testable import VaultClient

/// An agent that answers from a list, and keeps what it was asked.
final class FakeAgent: AgentTransport {
    struct Asked: Equatable {
        let kind: UInt8
        let fields: [[UInt8]]

        /// The last field but some, as text.
        func text(_ place: Int) -> String { String(decoding: fields[place], as: UTF8.self) }
    }

    var answers: [Answer]
    private(set) var asked: [Asked] = []
    private(set) var releases = 0
    /// Done before each answer.
    var whileAnswering: () -> Void = {}

    struct Answer {
        let kind: UInt8
        let fields: [[UInt8]]

        init(_ kind: AgentMessage.Answer, _ fields: [[UInt8]] = []) {
            self.kind = kind.rawValue
            self.fields = fields
        }

        static let line = "{\"Version\":1}\n"
        static let json = Answer(.json, [Array(line.utf8)])
        static let leaseID = [UInt8](repeating: 7, count: AgentMessage.leaseCount)
        static let lease = Answer(.lease, [leaseID, Array("a signed request".utf8)])
        static let codeNeeded = Answer(.codeNeeded, [Array(serial.utf8)])
        static let serial = "arn:aws:iam::123456789012:mfa/ann"
        static let signed = Answer(
            .signed, ["a signed request", FakeIAM.first, "", "sts.amazonaws.com"].map { Array($0.utf8) })

        static func refusal(_ code: UInt32, _ message: String, _ hint: String = "") -> Answer {
            Answer(
                .error,
                [(0..<4).map { UInt8(code >> ($0 * 8) & 0xFF) }, Array(message.utf8), Array(hint.utf8)])
        }
    }

    init(_ answers: [Answer]) { self.answers = answers }

    func exchange(_ frame: inout SecretBuffer) throws {
        whileAnswering()
        guard var reader = FrameReader(frame.bytes) else { throw AgentError.malformed }
        let kind = reader.kind
        var fields: [[UInt8]] = []
        while let field = reader.next() { fields.append([UInt8](field)) }
        asked.append(Asked(kind: kind, fields: fields))
        guard !answers.isEmpty else { throw AgentError.absent }
        let answer = answers.removeFirst()
        try write(answer.kind, answer.fields, to: &frame)
    }

    func refusal(_ answer: borrowing SecretBuffer) throws -> Failure { try Failure(answer: answer) }

    func release() { releases += 1 }
}

/// Puts a frame into a buffer.
func write(_ kind: UInt8, _ fields: [[UInt8]], to frame: inout SecretBuffer) throws(AgentError) {
    frame.truncate(to: 0)
    let start = try frame.beginFrame(kind)
    for field in fields { try frame.appendField(field) }
    try frame.endFrame(start)
}

/// AWS, as the program that carries requests to it has it.
final class FakeCarrier: AWSCarrier {
    enum Reply {
        case failure(ExchangeError)
        case frame([[UInt8]])

        /// An answer with an HTTP status, Unix seconds, and texts by their paths.
        static func answer(_ status: UInt32, date: UInt64 = 0, _ texts: [(String, String)] = []) -> Reply {
            let head: [[UInt8]] = [
                [ExchangeMessage.Outcome.answered.rawValue], [],
                (0..<4).map { UInt8(status >> ($0 * 8) & 0xFF) },
                (0..<8).map { UInt8(date >> ($0 * 8) & 0xFF) },
            ]
            return .frame(head + texts.flatMap { [Array($0.0.utf8), Array($0.1.utf8)] })
        }
    }

    var replies: [Reply]
    private(set) var carried: [String] = []
    private(set) var milliseconds: [Int32] = []

    init(_ replies: [Reply]) { self.replies = replies }

    func carry(
        _ frame: inout SecretBuffer, milliseconds: Int32, watchingOutput: Bool
    ) throws(ExchangeError) {
        carried.append(String(decoding: [UInt8](frame.bytes), as: UTF8.self))
        self.milliseconds.append(milliseconds)
        guard !replies.isEmpty else { throw .noReply }
        switch replies.removeFirst() {
        case .failure(let error): throw error
        case .frame(let fields):
            do throws(AgentError) { try write(ExchangeMessage.reply, fields, to: &frame) } catch {
                throw .noReply
            }
        }
    }
}
