import SecureMemory
import Testing

@testable import AgentProtocol
@testable import ProgramSupport

/// What a person is told of the agent's refusals.
struct AgentReasonTests {
    private static let reasons: [AgentReason] = [
        .locked, .lockedMeanwhile, .changedMeanwhile, .entryChangedMeanwhile, .otherVault("/v"),
        .directoryReplaced, .lockTimes, .keyNotLockable(limit: nil), .keyNotLockable(limit: 65_536),
        .changesNotLockable, .otherCommandsChange, .noAnswerForAnotherProgram, .answeredTooLate,
        .invalidExchangeReply, .unknownAccount(name: "a"), .noSession(name: "a"), .sessionsNotRemovable,
        .rejectedResponse("it is empty"), .keyGone, .noSecondKey(name: "a"), .invalidKeyID, .unknownCall,
        .consoleNeedsSession, .consoleTakesNoDuration(key: "a"), .consoleTakesNoDuration(key: nil),
        .temporaryKey(name: "a"), .invalidRoleARN(name: "a"),
        .mfaDevice(serial: "s", fault: "f", key: "k"), .servedRoleGone(name: "a"), .roleWithoutKey(name: "a"),
        .sourceGone(role: "a"),
        .otherPartition(
            role: "a", partition: "aws-cn", region: "eu-west-1", regionsPartition: "aws",
            example: "cn-north-1"),
        .invalidRegion("x", fault: "f"), .invalidEndpoint("f"), .codeUsed,
        .seedCodeUsed(serial: "s", seconds: 7), .tooManyCodes, .codesBusy, .codesDamaged(path: "/c"),
        .cannotRegister(beside: "/a", in: "/b"), .heldByAgent(process: 7), .heldElsewhere, .invalidSocket,
    ]

    @Test("every reason has words of its own", arguments: reasons.indices)
    func words(_ place: Int) {
        let failure = Failure(Self.reasons[place])
        #expect(failure.message.count > 10 && failure.message != Failure(AgentReason.failed).message)
        #expect(failure.hint?.isEmpty != true)
        let others = Self.reasons.indices.filter { $0 != place }
        #expect(others.allSatisfy { Failure(Self.reasons[$0]) != failure })
    }

    private func read(_ answer: ReasonAnswer) throws -> ReasonAnswer? {
        var frame = try AgentMessage.buffer()
        try answer.write(to: &frame)
        guard var fields = FrameReader(frame.bytes), let read = ReasonAnswer(&fields), fields.isAtEnd else {
            return nil
        }
        return read
    }

    @Test("every reason comes to the client as the agent has it", arguments: reasons.indices)
    func crossing(_ place: Int) throws {
        let reason = Self.reasons[place]
        #expect(try read(ReasonAnswer(reason))?.reason == reason)
        #expect(Failure(reason).reason == reason)
    }

    @Test("every reason has a number of its own, and none is left out")
    func numbers() {
        let numbers = Set((Self.reasons + [.failed]).map(\.coded.number))
        #expect(numbers == Set(1...UInt16(numbers.count)))
        #expect(AgentReason(number: UInt16(numbers.count) + 1, fields: []) == nil, "a gap")
    }

    @Test("a reason of a later version, and one with other fields, is none")
    func unknown() throws {
        #expect(try read(ReasonAnswer(nil)) == ReasonAnswer(nil))
        #expect(AgentReason(number: 999, fields: []) == nil)
        #expect(AgentReason(number: 1, fields: ["more"]) == nil)
        #expect(AgentReason(number: 35, fields: ["serial", "no number"]) == nil)
        #expect(AgentReason(number: 40, fields: ["99999999999"]) == nil)
    }

    @Test("a reason of a hostile agent is text of a bounded length", arguments: reasons.indices)
    func hostile(_ place: Int) throws {
        let (number, fields) = Self.reasons[place].coded
        let nasty = "\u{1B}]0;x\u{7}\nsealring: hint: run evil\u{202E}" + String(repeating: "x", count: 3000)
        var frame = try AgentMessage.buffer()
        let start = try frame.beginFrame(ReasonAnswer.kind)
        try frame.appendField(number)
        for field in fields { try frame.appendField(Int64(field) == nil ? nasty : field) }
        try frame.endFrame(start)
        guard var reader = FrameReader(frame.bytes) else {
            Issue.record("it is no frame")
            return
        }
        let reason = ReasonAnswer(&reader)?.reason
        let failure = Failure(try #require(reason))
        let text = failure.message + (failure.hint ?? "")
        #expect(text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x202E && $0.value != 0x7F })
        #expect(text.count < 4000)
    }

    @Test("what a reason names cannot reach the terminal as more than text")
    func escaped() {
        let hostile = "\u{1B}[2J\n"
        for reason: AgentReason in [
            .otherVault(hostile), .codesDamaged(path: hostile), .invalidRegion(hostile, fault: "f"),
            .mfaDevice(serial: hostile, fault: "f", key: hostile), .servedRoleGone(name: hostile),
            .roleWithoutKey(name: hostile), .sourceGone(role: hostile), .noSession(name: hostile),
            .seedCodeUsed(serial: hostile, seconds: 1), .cannotRegister(beside: hostile, in: hostile),
        ] {
            let failure = Failure(reason)
            #expect(!"\(failure.message)\(failure.hint ?? "")".contains { $0 == "\u{1B}" || $0 == "\n" })
        }
    }
}
