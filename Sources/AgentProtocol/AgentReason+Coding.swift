/// How a reason stands in ``ReasonAnswer``. A number is not used again, and its fields stay as they are.
extension AgentReason {
    /// The number and the fields; those that are absent are empty.
    var coded: (number: UInt16, fields: [String]) {
        switch self {
        case .locked: (1, [])
        case .lockedMeanwhile: (2, [])
        case .changedMeanwhile: (3, [])
        case .entryChangedMeanwhile: (4, [])
        case .otherVault(let text): (5, [text])
        case .directoryReplaced: (6, [])
        case .lockTimes: (7, [])
        case .keyNotLockable(let limit): (8, [limit.map { "\($0)" } ?? ""])
        case .changesNotLockable: (9, [])
        case .otherCommandsChange: (10, [])
        case .failed: (11, [])
        case .noAnswerForAnotherProgram: (12, [])
        case .answeredTooLate: (13, [])
        case .invalidExchangeReply: (14, [])
        case .unknownAccount(let name): (15, [name])
        case .noSession(let name): (16, [name])
        case .sessionsNotRemovable: (17, [])
        case .rejectedResponse(let text): (18, [text])
        case .keyGone: (19, [])
        case .noSecondKey(let name): (20, [name])
        case .invalidKeyID: (21, [])
        case .unknownCall: (22, [])
        case .consoleNeedsSession: (23, [])
        case .consoleTakesNoDuration(let key): (24, [key ?? ""])
        case .temporaryKey(let name): (25, [name])
        case .invalidRoleARN(let name): (26, [name])
        case .mfaDevice(let serial, let fault, let key): (27, [serial, fault, key])
        case .servedRoleGone(let name): (28, [name])
        case .roleWithoutKey(let name): (29, [name])
        case .sourceGone(let role): (30, [role])
        case .otherPartition(let role, let partition, let region, let regionsPartition, let example):
            (31, [role, partition, region, regionsPartition, example])
        case .invalidRegion(let text, let fault): (32, [text, fault])
        case .invalidEndpoint(let text): (33, [text])
        case .codeUsed: (34, [])
        case .seedCodeUsed(let serial, let seconds): (35, [serial, "\(seconds)"])
        case .tooManyCodes: (36, [])
        case .codesBusy: (37, [])
        case .codesDamaged(let path): (38, [path])
        case .cannotRegister(let beside, let state): (39, [beside, state])
        case .heldByAgent(let process): (40, ["\(process)"])
        case .heldElsewhere: (41, [])
        case .invalidSocket: (42, [])
        }
    }

    /// Nil for a number or a count of fields that is none of the list.
    init?(number: UInt16, fields: [String]) {
        switch (number, fields.count) {
        case (1, 0): self = .locked
        case (2, 0): self = .lockedMeanwhile
        case (3, 0): self = .changedMeanwhile
        case (4, 0): self = .entryChangedMeanwhile
        case (5, 1): self = .otherVault(fields[0])
        case (6, 0): self = .directoryReplaced
        case (7, 0): self = .lockTimes
        case (8, 1): self = .keyNotLockable(limit: Int(fields[0]))
        case (9, 0): self = .changesNotLockable
        case (10, 0): self = .otherCommandsChange
        case (11, 0): self = .failed
        case (12, 0): self = .noAnswerForAnotherProgram
        case (13, 0): self = .answeredTooLate
        case (14, 0): self = .invalidExchangeReply
        case (15, 1): self = .unknownAccount(name: fields[0])
        case (16, 1): self = .noSession(name: fields[0])
        case (17, 0): self = .sessionsNotRemovable
        case (18, 1): self = .rejectedResponse(fields[0])
        case (19, 0): self = .keyGone
        case (20, 1): self = .noSecondKey(name: fields[0])
        case (21, 0): self = .invalidKeyID
        case (22, 0): self = .unknownCall
        case (23, 0): self = .consoleNeedsSession
        case (24, 1): self = .consoleTakesNoDuration(key: fields[0].isEmpty ? nil : fields[0])
        case (25, 1): self = .temporaryKey(name: fields[0])
        case (26, 1): self = .invalidRoleARN(name: fields[0])
        case (27, 3): self = .mfaDevice(serial: fields[0], fault: fields[1], key: fields[2])
        case (28, 1): self = .servedRoleGone(name: fields[0])
        case (29, 1): self = .roleWithoutKey(name: fields[0])
        case (30, 1): self = .sourceGone(role: fields[0])
        case (31, 5):
            self = .otherPartition(
                role: fields[0], partition: fields[1], region: fields[2], regionsPartition: fields[3],
                example: fields[4])
        case (32, 2): self = .invalidRegion(fields[0], fault: fields[1])
        case (33, 1): self = .invalidEndpoint(fields[0])
        case (34, 0): self = .codeUsed
        case (35, 2):
            guard let seconds = Int64(fields[1]) else { return nil }
            self = .seedCodeUsed(serial: fields[0], seconds: seconds)
        case (36, 0): self = .tooManyCodes
        case (37, 0): self = .codesBusy
        case (38, 1): self = .codesDamaged(path: fields[0])
        case (39, 2): self = .cannotRegister(beside: fields[0], in: fields[1])
        case (40, 1):
            guard let process = Int32(fields[0]) else { return nil }
            self = .heldByAgent(process: process)
        case (41, 0): self = .heldElsewhere
        case (42, 0): self = .invalidSocket
        default: return nil
        }
    }
}
