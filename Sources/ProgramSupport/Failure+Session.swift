import AgentProtocol

extension Failure {
    /// Why there is no session, or no request to AWS.
    init(session reason: AgentReason) {
        switch reason {
        case .noAnswerForAnotherProgram:
            self.init(
                .unavailable, "AWS did not answer another program in time, for the same credentials",
                hint: "try again")
        case .answeredTooLate: self.init(.unavailable, "AWS answered too late", hint: "try again")
        case .invalidExchangeReply:
            self.init(.unavailable, "sealring-aws sent an invalid reply")
        case .unknownAccount(let name):
            self.init(
                .malformed, "the account of '\(name)' is unknown, so its sessions cannot be checked",
                hint: "set it with 'sealring set \(name) --account-id DIGITS'")
        case .noSession(let name): self.init(.malformed, "'\(name.printable)' serves no session")
        case .sessionsNotRemovable:
            self.init(
                .inputOutput, "the sealed sessions can be neither changed nor removed",
                hint: "check the directory 'sessions' in the state directory")
        case .rejectedResponse(let fault):
            self.init(
                .malformed, "rejected AWS's response: \(fault)",
                hint: "check the entry's endpoint and any proxy")
        case .keyGone: self.init(.missing, "the key is gone")
        case .noSecondKey(let name): self.init(.missing, "'\(name)' has no second key")
        case .invalidKeyID: self.init(.malformed, "invalid access key ID")
        case .unknownCall: self.init(.malformed, "unknown request")
        case .consoleNeedsSession:
            self.init(
                .malformed, "the console needs a session",
                hint: "name a role, or an entry with a long-lived key")
        case .consoleTakesNoDuration(let key):
            self.init(
                .usage, "AWS accepts a console duration only if a key assumes the role directly",
                hint: key.map { "set it for the key with 'sealring set \($0) --duration'" }
                    ?? "remove --duration: the console stays open as long as the session lasts")
        default: self.init(plan: reason)
        }
    }

    /// What is wrong with an entry or a role, so that no session of it can be asked for.
    private init(plan reason: AgentReason) {
        switch reason {
        case .temporaryKey(let name):
            self.init(
                .malformed, "'\(name)' holds temporary credentials, which cannot get sessions",
                hint: "serve them as they are with 'sealring set \(name) --serve key'")
        case .invalidRoleARN(let name): self.init(.malformed, "the role '\(name)' has an invalid ARN")
        case .mfaDevice(let serial, let fault, let key):
            self.init(
                .malformed, "MFA device '\(serial.printable)': \(fault)",
                hint:
                    "name a device that shows codes with 'sealring mfa set \(key.printable) --mfa-serial ARN'"
            )
        case .servedRoleGone(let name):
            self.init(
                .missing, "the role that '\(name.printable)' serves is gone",
                hint: "choose what it serves with 'sealring set \(name.printable) --serve key'")
        case .roleWithoutKey(let name):
            self.init(
                .malformed, "the role '\(name.printable)' is not assumed with a key",
                hint: "'sealring role list' shows its chain")
        case .sourceGone(let role):
            self.init(
                .missing, "the source of '\(role.printable)' is gone",
                hint: "name another with 'sealring set \(role.printable) --source NAME'")
        case .otherPartition(let role, let partition, let region, let own, let example):
            self.init(
                .malformed,
                "the role '\(role.printable)' is in the partition \(partition), but its region \(region) is in \(own)",
                hint:
                    "set a region of \(partition), as in 'sealring set \(role.printable) --region \(example)'"
            )
        case .invalidRegion(let region, let fault):
            self.init(
                .malformed, "invalid region '\(region.printable)': \(fault)",
                hint:
                    "set another one with 'sealring set NAME --region', or an endpoint of its own with '--sts-endpoint'"
            )
        case .invalidEndpoint(let fault): self.init(.malformed, "invalid endpoint: \(fault)")
        default: self.init(.inputOutput, "the agent failed")
        }
    }
}
