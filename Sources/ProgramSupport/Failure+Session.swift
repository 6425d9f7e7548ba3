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
            self.init(.unavailable, "the program that speaks to AWS gave no proper reply")
        case .unknownAccount(let name):
            self.init(
                .malformed, "the account of '\(name)' is not known, so no session of it could be checked",
                hint: "give its 12 digits with 'sealring set \(name) --account-id'")
        case .noSession(let name): self.init(.malformed, "'\(name.printable)' serves no session")
        case .sessionsNotRemovable:
            self.init(
                .inputOutput, "the sealed sessions cannot be changed, nor removed",
                hint: "look at the directory 'sessions' beside the other state of sealring")
        case .rejectedResponse(let fault):
            self.init(
                .malformed, "rejected AWS's response: \(fault)",
                hint: "check the entry's endpoint and any proxy")
        case .keyGone: self.init(.missing, "the key is gone")
        case .noSecondKey(let name): self.init(.missing, "'\(name)' has no second key")
        case .invalidKeyID: self.init(.malformed, "invalid access key ID")
        case .unknownCall: self.init(.malformed, "this request is none of the list")
        case .consoleNeedsSession:
            self.init(
                .malformed, "the console needs a session",
                hint: "name a role, or an entry with a long-lived key")
        case .consoleTakesNoDuration(let key):
            self.init(
                .usage, "AWS takes a time for the console only where a key assumes a role by itself",
                hint: key.map { "say it for the key, with 'sealring set \($0) --duration'" }
                    ?? "leave --duration out: the console stays open as long as the session lasts")
        default: self.init(plan: reason)
        }
    }

    /// What is wrong with an entry or a role, so that no session of it can be asked for.
    private init(plan reason: AgentReason) {
        switch reason {
        case .temporaryKey(let name):
            self.init(
                .malformed, "'\(name)' holds temporary credentials, which get no sessions",
                hint: "serve them as they are with 'sealring set \(name) --serve key'")
        case .invalidRoleARN(let name): self.init(.malformed, "the role '\(name)' has no proper ARN")
        case .mfaDevice(let serial, let fault, let key):
            self.init(
                .malformed, "MFA device '\(serial.printable)': \(fault)",
                hint:
                    "name a device that shows codes with 'sealring mfa set \(key.printable) --mfa-serial ARN'"
            )
        case .servedRoleGone(let name):
            self.init(
                .missing, "the role that '\(name.printable)' serves is gone",
                hint: "say what it shall hand out with 'sealring set \(name.printable) --serve key'")
        case .roleWithoutKey(let name):
            self.init(
                .malformed, "the role '\(name.printable)' comes down to no key",
                hint: "'sealring role list' shows what it is made of")
        case .sourceGone(let role):
            self.init(
                .missing, "what '\(role.printable)' is assumed with is gone",
                hint: "name another with 'sealring set \(role.printable) --source NAME'")
        case .otherPartition(let role, let partition, let region, let own, let example):
            self.init(
                .malformed,
                "the role '\(role.printable)' is in the partition \(partition), and its region \(region) is in \(own)",
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
